import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** `KEY=value` lines; others are passed over. Nothing here needs quotes: ours are URLs and base64url. */
export function readDotenv(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, key, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** Written whole and readable by its owner only: it holds passwords. */
export function writeDotenv(file: string, comment: string, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, [`# ${comment}`, ...lines, ''].join('\n'), { mode: 0o600 });
  renameSync(unfinished, file);
}
