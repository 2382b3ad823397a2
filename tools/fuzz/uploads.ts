import fc from 'fast-check';
import { utf8, type Draft, type Place, type Value } from './request';
import { texts } from './values';

const boundary = 'fuzz';
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const pixel = Buffer.from(png, 'base64').toString('latin1');

interface Part {
  readonly name?: string;
  readonly fileName?: string;
  readonly type?: string;
  readonly content?: string;
}

function part({ name = 'file', fileName = 'a.png', type = 'image/png', content = pixel }: Part): string {
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${fileName}"`;
  return `--${boundary}\r\n${disposition}\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`;
}

function form(...parts: readonly string[]): string {
  return `${parts.join('')}--${boundary}--\r\n`;
}

function upload(draft: Draft, body: string): Draft {
  const headers = { ...draft.headers, 'content-type': `multipart/form-data; boundary=${boundary}` };
  return { ...draft, headers, body };
}

function partPlace(where: string, partOf: (value: string) => Part): Place {
  return {
    where: `the ${where} of an upload`,
    values: texts.map(utf8),
    random: fc.string({ unit: 'binary', maxLength: 200 }).map(utf8),
    put: (draft: Draft, value: Value) => upload(draft, form(part(partOf(String(value))))),
  };
}

const file = part({});
/** The form that uploads a file, and its parts. */
export const uploadPlaces: readonly Place[] = [
  partPlace('field name', (name) => ({ name })),
  partPlace('file name', (fileName) => ({ fileName })),
  partPlace('type', (type) => ({ type })),
  partPlace('content', (content) => ({ content: pixel.slice(0, 40) + content })),
  {
    where: 'an upload',
    values: [
      ...['', pixel, '{"file":"a"}', form(), form(part({ content: '' })), form(file, file)],
      ...[form(...Array.from({ length: 1_000 }, () => file)), form(file).slice(0, -8), `${file}--fu`],
      `--${boundary}\r\n${'X-A: b\r\n'.repeat(3_000)}`,
    ],
    put: (draft: Draft, value: Value) => upload(draft, String(value)),
  },
];
