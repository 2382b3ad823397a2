import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpRequest } from './request';

const longest = 400;

/**
 * A bash command that sends the request again. Its access token is $TOKEN unless `showToken`. A body that
 * does not fit into a command is written to a file in `folder`.
 */
export function curlLine(api: string, request: HttpRequest, folder: string, showToken = false): string {
  const { method, target, headers, body } = request;
  const sent = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((each) => `-H ${isToken(each) && !showToken ? `"${name}: Bearer $TOKEN"` : header(name, each)}`),
  );
  const data = body === undefined ? [] : [`--data-binary ${dataOf(body, folder)}`];
  // Without -g and --path-as-is, curl would correct the URL.
  return ['curl -isg --path-as-is', `-X ${method}`, ...sent, ...data, quoted(`${api}${target}`)].join(' ');
}

function isToken(value: string): boolean {
  return value.startsWith('Bearer ey');
}

/** A header without a value needs a semicolon. */
function header(name: string, value: string): string {
  return quoted(value === '' ? `${name};` : `${name}: ${value}`);
}

function dataOf(body: Buffer, folder: string): string {
  const text = body.toString('latin1');
  if (!text.includes('\0') && !text.startsWith('@') && text.length <= longest) return quoted(text);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash('sha256').update(body).digest('hex').slice(0, 12)}.body`);
  writeFileSync(file, body);
  return quoted(`@${file}`);
}

/** @param bytes one character for each */
function quoted(bytes: string): string {
  if (/^[\x20-\x26\x28-\x7e]*$/.test(bytes)) return `'${bytes}'`;
  const octal = (sign: string) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`;
  return `$'${bytes.replaceAll(/[^\x20-\x7e]|['\\]/g, octal)}'`;
}
