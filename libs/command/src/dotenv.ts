import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** The variables of a file; none where there is no file. */
export function readDotenv(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const variables = Object.entries(parseEnv(readFileSync(file, 'utf8')));
  return Object.fromEntries(variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Written whole and readable by its owner only: it holds passwords. */
export function writeDotenv(file: string, comment: string, variables: Readonly<Record<string, string>>): void {
  // Unquoted, a value would end at a number sign.
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${value.includes('#') ? `"${value}"` : value}`);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, [`# ${comment}`, ...lines, ''].join('\n'), { mode: 0o600 });
  renameSync(unfinished, file);
}
