import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigurationError, parseEnvironment, secret } from './index';
import { variablesIn } from './secret-files';

const schema = z.object({ KEY: secret(), NAME: z.string().optional() });
const value = 'q7Zt0mVx2LkPw9RbN4sYcE6uHdJf8aGi';

const folder = mkdtempSync(join(tmpdir(), 'groundwork-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(folder, randomUUID());
  writeFileSync(path, text);
  return path;
}

function linesOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseEnvironment(schema, { NODE_ENV: 'test', ...environment });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.lines;
  }
}

it('reads a secret from the file that its variable names, without the line end', () => {
  expect(parseEnvironment(schema, { KEY_FILE: fileWith(`${value}\n`) })).toEqual({ KEY: value });
});

it.each([
  ['both are set', () => ({ KEY: value, KEY_FILE: fileWith(value) }), /^KEY_FILE is set, and so is KEY\./],
  ['the file is missing', () => ({ KEY_FILE: join(folder, 'none') }), /^KEY_FILE names a file .* \(ENOENT\)/],
  ['it is a folder', () => ({ KEY_FILE: folder }), /^KEY_FILE names a file .* \(EISDIR\)/],
  ['the file is empty', () => ({ KEY_FILE: fileWith(' \n') }), /^KEY_FILE names an empty file\./],
  ['the file is too large', () => ({ KEY_FILE: fileWith('x'.repeat(70_000)) }), /^KEY_FILE names .* too large/],
])('refuses the start in one line that names the variable when %s', (_what, environment, line) => {
  const lines = linesOf(environment());
  expect(lines).toEqual([expect.stringMatching(line)]);
  expect(lines.join()).not.toContain(value);
});

it('holds a secret from a file to the rules of production', () => {
  expect(() => parseEnvironment(schema, { KEY_FILE: fileWith('changeme'.repeat(4)) })).toThrow(
    /^KEY has a value that is not allowed in production/,
  );
});

it('takes files for secrets only', () => {
  expect(variablesIn(schema.shape)).toEqual(['KEY', 'NAME', 'KEY_FILE']);
  expect(parseEnvironment(schema, { KEY: value, NAME_FILE: fileWith('x') })).toEqual({ KEY: value });
});
