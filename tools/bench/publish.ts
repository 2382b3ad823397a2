import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { localFolder } from '#libs/local';

/** Prints the report of a benchmark and writes it to `.local/bench/<name>.txt`. */
export function publish(name: string, report: string): void {
  console.log(`\n${report}\n`);
  writeReport(join(localFolder, 'bench', `${name}.txt`), `${report}\n`);
}

export function writeReport(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  console.log(styleText('dim', `Written to ${file}`));
}
