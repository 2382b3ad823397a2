import { exampleOf, type Operation, type Schema } from './openapi';
import { randomJson, randomText } from './random';
import { jsonWith, utf8, valueAt, type Draft, type Place, type Pointer } from './request';
import { uploadPlaces } from './uploads';
import {
  encodedValues,
  headerValues,
  jsonValues,
  sharedHeaders,
  texts,
  unreadableValues,
  valuesOfHeader,
} from './values';

/** The fields of an operation that its description names, in path, query, headers and body. */
export function fieldPlaces({ parameters, body, takesFile }: Operation, { path, json }: Draft): Place[] {
  const named = parameters.map((parameter) => {
    const example = String(exampleOf(parameter.schema) ?? '');
    if (parameter.in === 'header') return headerPlace(parameter.name.toLowerCase());
    return parameter.in === 'path'
      ? pathPlace(parameter.name, path[parameter.name] ?? example)
      : queryPlace(encodeURIComponent(parameter.name), example);
  });
  return [...named, ...(body === undefined ? [] : bodyPlaces(body, json, [])), ...(takesFile ? uploadPlaces : [])];
}

/** The places that every request has: headers, and a body even if the route takes none. */
export function sharedPlaces({ method, json = {} }: Draft): Place[] {
  const headers = sharedHeaders.map(headerPlace);
  return method === 'GET' ? headers : [...headers, bytesPlace(utf8(JSON.stringify(json)))];
}

function bodyPlaces(schema: Schema, json: unknown, pointer: Pointer): Place[] {
  const valid = valueAt(json, pointer) ?? exampleOf(schema);
  const place: Place = {
    where: pointer.length === 0 ? 'the body' : `body.${pointer.join('.')}`,
    values: [[], ...jsonValues, ...(valid === undefined ? [] : jsonVariants(valid))],
    unreadable: unreadableValues,
    random: randomJson(valid),
    put: (draft, value) => ({
      ...draft,
      body: jsonWith(draft.json, pointer, typeof value === 'string' ? value : undefined),
    }),
  };
  const members = [schema, ...schema.anyOf].flatMap(({ properties = {}, items }) => [
    ...Object.entries(properties).flatMap(([name, member]) => bodyPlaces(member, json, [...pointer, name])),
    ...(items === undefined ? [] : bodyPlaces(items, json, [...pointer, 0])),
  ]);
  return [place, ...members];
}

/** JSON that is almost the valid one. */
function jsonVariants(valid: unknown): string[] {
  const text = JSON.stringify(valid);
  const variants = [`[${text}]`, `[${text},${text}]`, `{"value":${text}}`, JSON.stringify(text), `${text}]`];
  const ofText = typeof valid === 'string' ? textVariants(valid).map((each) => JSON.stringify(each)) : [];
  return [...variants, ...ofText, ...(text.startsWith('{') ? objectVariants(text.slice(1, -1)) : [])].map(utf8);
}

function objectVariants(members: string): string[] {
  const comma = members === '' ? '' : ',';
  const unknown = ['__proto__', 'constructor', 'toString', '', '\0', 'a.b', 'x'.repeat(10_000)];
  return [
    ...unknown.map((key) => `{${members}${comma}${JSON.stringify(key)}:{"isAdmin":true}}`),
    `{${members}${comma}${members}}`,
    `{${members.replaceAll(/"(\w+)":/g, (name) => name.toUpperCase())}}`,
    `{${Array.from({ length: 2_000 }, (_, index) => `"f${index}":${index}`).join()}${comma}${members}}`,
  ];
}

function textVariants(valid: string): string[] {
  const fullWidth = valid.replaceAll(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
  const appended = ['\0', '\u200b', '\n', valid].map((end) => valid + end);
  return [valid.toUpperCase(), ` ${valid} `, fullWidth, valid.slice(0, -1), ...appended];
}

function urlValues(valid: string): string[] {
  return [...[...texts, ...textVariants(valid)].map(encoded), ...encodedValues];
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function pathPlace(name: string, valid: string): Place {
  return {
    where: `path.${name}`,
    values: urlValues(valid),
    random: randomText(valid).map(encoded),
    put: (draft, value) => ({ ...draft, path: { ...draft.path, [name]: String(value) } }),
  };
}

/** A list is sent as pairs of names and values. */
function queryPlace(name: string, valid: string): Place {
  const pair = `${name}=${valid}`;
  const objects = [`${name}[]=${valid}`, `${name}[a]=${valid}`, `${name}[__proto__][a]=${valid}`];
  const many = Array.from({ length: 1_000 }, () => `${name}=1`);
  const odd = [['', '', '=', '==', '&'], [name], [`${name.toUpperCase()}=${valid}`]];
  return {
    where: `query.${name}`,
    values: [...urlValues(valid), ...objects.map((each) => [each]), many, ...odd, [pair, pair], [pair, '__proto__=1']],
    random: randomText(valid).map(encoded),
    put: (draft, value) => {
      const others = draft.query.filter((each) => !each.startsWith(`${name}=`));
      return { ...draft, query: [...others, ...(typeof value === 'string' ? [`${name}=${value}`] : value)] };
    },
  };
}

function headerPlace(name: string): Place {
  return {
    where: `header.${name}`,
    values: [...headerValues, ...(valuesOfHeader[name] ?? [])],
    // HTTP allows no other bytes in a header.
    random: randomText('').map((text) => utf8(text).replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')),
    put: (draft, value) => ({ ...draft, headers: { ...draft.headers, [name]: value } }),
  };
}

function bytesPlace(valid: string): Place {
  const utf16 = Buffer.from(valid, 'utf16le').toString('latin1');
  return {
    where: 'the bytes of the body',
    values: ['', '   ', `\xef\xbb\xbf${valid}`, valid + ' '.repeat(110_000)],
    unreadable: [utf16, valid.slice(0, -1), valid + valid, `${valid}\0`, '\0'.repeat(1_000), 'a=b&c=d', `${valid},`],
    put: (draft, value) => ({
      ...draft,
      headers: { ...draft.headers, 'content-type': 'application/json' },
      body: String(value),
    }),
  };
}
