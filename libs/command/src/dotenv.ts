import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** Returns no variables when the file does not exist. */
export function readDotenv(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const variables = Object.entries(parseEnv(readFileSync(file, 'utf8')));
  return Object.fromEntries(variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Replaces the file atomically. Only the owner can read it, because it holds passwords. */
export function writeDotenv(file: string, comment: string, variables: Readonly<Record<string, string>>): void {
  // Without quotes, a `#` would start a comment and cut the value off.
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${value.includes('#') ? `"${value}"` : value}`);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, [`# ${comment}`, ...lines, ''].join('\n'), { mode: 0o600 });
  renameSync(unfinished, file);
}
