import { gzipSync } from 'node:zlib';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../test/gateway';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));

const json = 'application/json';
const account = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };

const register = (body: TestRequest['body'], headers: Record<string, string> = {}) =>
  gateway.ask({
    method: 'POST',
    url: '/api/v1/auth/register',
    headers: { 'content-type': json, ...headers },
    ...(body === undefined ? {} : { body }),
  });

/** Records the registrations that reach the auth service from now on. */
function registered() {
  const inputs: unknown[] = [];
  const { register: original } = gateway.auth;
  gateway.auth.register = (input, context) => (inputs.push(input), original(input, context));
  return inputs;
}

describe('a JSON body that is not UTF-8', () => {
  const named = (name: string) => JSON.stringify({ ...account, name });

  it.each<[string, Buffer]>([
    ['ISO 8859-1', Buffer.from(named('Jos\u00e9'), 'latin1')],
    [
      'a password in ISO 8859-1',
      Buffer.from(JSON.stringify({ ...account, password: 'h\u00f6rse b\u00e4ttery' }), 'latin1'),
    ],
    ['UTF-16', Buffer.from(named('Ada'), 'utf16le')],
    ['half a surrogate pair', Buffer.from(named('Ada\xed\xa0\x80'), 'latin1')],
    ['a character cut short', Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xe2, 0x82]), Buffer.from('"}')])],
  ])('is refused as malformed_json, and nothing is stored: %s', async (_what, body) => {
    const inputs = registered();
    expect(await register(body)).toMatchObject({ status: 400, json: { code: 'malformed_json' } });
    expect(inputs).toEqual([]);
  });

  it('is distinguished from UTF-8 with or without a byte order mark', async () => {
    const inputs = registered();
    for (const text of [named('Jos\u00e9'), `\ufeff${named('Jos\u00e9')}`])
      expect((await register(Buffer.from(text))).status).toBe(202);
    expect(inputs).toMatchObject([{ name: 'Jos\u00e9' }, { name: 'Jos\u00e9' }]);
  });
});

describe('a declared charset', () => {
  it.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8'])('can be %s', async (charset) => {
    expect((await register(account, { 'content-type': `${json}; charset=${charset}` })).status).toBe(202);
  });

  it.each([
    'iso-8859-1',
    '"windows-1252"',
    'us-ascii',
    'utf-16',
    'utf-7',
    '',
    'utf-8; charset=iso-8859-1',
    'iso-8859-1; Charset = utf-8',
  ])('causes unsupported_media_type if it is not UTF-8: %s', async (charset) => {
    const response = await register(account, { 'content-type': `${json}; charset=${charset}` });
    expect(response).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });
});

describe('half a surrogate pair', () => {
  it.each<[string, string]>([
    ['name', String.raw`{"email":"a@b.example","password":"correct horse","name":"Ad\ud83d"}`],
    ['password', String.raw`{"email":"a@b.example","password":"\ud800\ud801 horse","name":"Ada"}`],
    ['a.1.b', String.raw`{"a":["\ud83d\udc0e",{"b":"\udc00"}]}`],
    ['\ufffd', String.raw`{"\ud800":1}`],
  ])('is refused anywhere in a body: at %s', async (path, body) => {
    const response = await register(body);
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path, code: 'invalid_unicode' }] } });
  });

  it('is refused in a password to compare', async () => {
    const body = String.raw`{"email":"ada@example.com","password":"\ud800"}`;
    const headers = { 'content-type': json };
    const response = await gateway.ask({ method: 'POST', url: '/api/v1/auth/login', headers, body });
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path: 'password' }] } });
  });

  it('is reported up to a limit, however often it occurs', async () => {
    const response = await register(`[${'"\\ud800",'.repeat(11_000)}1]`);
    expect(response).toMatchObject({ status: 422, json: { code: 'validation_failed' } });
    expect(response.body.length).toBeLessThan(20_000);
  });
});

it('refuses a body that is nested more than 64 levels deep, also with an idempotency key', async () => {
  for (const [depth, code] of [
    [64, 'validation_failed'],
    [65, 'malformed_json'],
    [50_000, 'malformed_json'],
  ] as const) {
    for (const [opening, closing] of [
      ['[', ']'],
      ['{"":', '}'],
    ] as const) {
      const levels = opening === '[' ? depth : Math.min(depth, 10_000);
      const body = `${opening.repeat(levels)}${opening === '[' ? '' : '1'}${closing.repeat(levels)}`;
      const response = await register(body, { 'idempotency-key': `${opening.length}-${levels}` });
      expect({ depth, code: response.json }).toMatchObject({ depth, code: { code } });
    }
  }
});

describe('an unknown field that is named like a built-in member of objects', () => {
  const rename = async (body: string) =>
    gateway.ask({
      method: 'PATCH',
      url: '/api/v1/users/me',
      headers: { 'content-type': json, ...bearer(await gateway.tokens.sign()) },
      body,
    });

  it.each([
    ['constructor', '{"name":"X","constructor":1}'],
    ['constructor', '{"name":"X","constructor":null}'],
    ['constructor', '{"name":"X","constructor":{"prototype":{}}}'],
    ['prototype', '{"name":"X","prototype":1}'],
    ['__proto__', '{"name":"X","__proto__":{"admin":true}}'],
    ['__proto__', String.raw`{"name":"X","\u005f_proto__":null}`],
    ['toString', '{"name":"X","toString":1}'],
    ['hasOwnProperty', '{"name":"X","hasOwnProperty":1}'],
  ])('is reported as unknown_field: %s in %s', async (path, body) => {
    const response = await rename(body);
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path, code: 'unknown_field' }] } });
  });

  it('is reported as unknown_field in a query', async () => {
    for (const name of ['constructor', 'prototype', '__proto__']) {
      const headers = bearer(await gateway.tokens.sign());
      const response = await gateway.ask({ method: 'GET', url: `/api/v1/users/me/security-log?${name}=1`, headers });
      expect(response).toMatchObject({ status: 422, json: { errors: [{ path: name, code: 'unknown_field' }] } });
    }
  });
});

describe('a body with a content coding', () => {
  it.each([
    ['gzip', gzipSync(JSON.stringify(account))],
    ['gzip', Buffer.from(JSON.stringify(account))],
    ['br', Buffer.from(JSON.stringify(account))],
    ['GZIP, identity', Buffer.from(JSON.stringify(account))],
    ['utf-8', Buffer.from(JSON.stringify(account))],
  ])('is refused with the supported coding: %s', async (coding, body) => {
    const response = await register(body, { 'content-encoding': coding });
    expect(response).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    expect(response.headers['accept-encoding']).toBe('identity');
  });

  it('is refused for pictures', async () => {
    const headers = {
      ...bearer(await gateway.tokens.sign()),
      'content-type': 'multipart/form-data; boundary=x',
      'content-encoding': 'gzip',
    };
    const response = await gateway.ask({
      method: 'PUT',
      url: '/api/v1/users/me/avatar',
      headers,
      body: gzipSync('--x--'),
    });
    expect(response).toMatchObject({ status: 415, headers: { 'accept-encoding': 'identity' } });
  });

  it('is read with the coding identity, and ignored without a body', async () => {
    expect((await register(account, { 'content-encoding': 'identity' })).status).toBe(202);
    const headers = { ...bearer(await gateway.tokens.sign()), 'content-encoding': 'gzip' };
    expect((await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers })).status).toBe(200);
  });
});
