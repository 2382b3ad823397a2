import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Finding } from './finding';
import { git } from './git';

/** Migrations, and the SQL that several of them run. */
const files = ['apps/*/src/migrations/[0-9]*.ts', 'libs/*/src/tables.ts'];

/**
 * Compares each migration with the text in which it landed. Databases have run that text, and never run the new one. Comments
 * and formatting may change.
 * @param base the branch that migrations land on
 */
export function editedMigrations(folder: string, base: string): Finding[] {
  const landed = landedTexts(folder, base);
  return globSync(files, { cwd: folder })
    .toSorted()
    .flatMap((file) => {
      const { commit, text: before } = landed.get(file) ?? {};
      const text = readFileSync(join(folder, file), 'utf8');
      if (commit === undefined || before === undefined || code(before) === code(text)) return [];
      const what = `It changed since it landed in ${commit.slice(0, 12)}. Restore it, and write a new migration.`;
      // With the new text in its name, an exception allows one edit, and no later one.
      const rule = `edited:${createHash('sha256').update(code(text)).digest('hex').slice(0, 12)}`;
      const service = /^apps\/([^/]+)/.exec(file)?.[1] ?? 'all';
      return [{ service, migration: nameOf(file), rule, text: what }];
    });
}

/** Each file in the commit that brought it to the branch. */
function landedTexts(folder: string, base: string): Map<string, { commit: string; text: string }> {
  const args = ['--first-parent', '-m', '--diff-filter=A', '--name-only', '--format=commit %H', '--reverse', base];
  const log = git(folder, 'log', ...args, '--', ...files.map((pattern) => `:(glob)${pattern}`)) ?? '';
  const commits = new Map<string, string>();
  let commit = '';
  for (const line of log.split('\n')) {
    if (line.startsWith('commit ')) commit = line.slice('commit '.length);
    else if (line !== '' && !commits.has(line)) commits.set(line, commit);
  }
  return new Map(
    [...commits].map(([file, added]) => [file, { commit: added, text: git(folder, 'show', `${added}:${file}`) ?? '' }]),
  );
}

function code(text: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true };
  return ts.transpileModule(text, { compilerOptions }).outputText.replaceAll(/\s+/g, ' ');
}

/** The class name that `npm run migration` gives to a file. */
function nameOf(file: string): string {
  const [, time = '', name = ''] = /(\d{13})-([^/]+)\.ts$/.exec(file) ?? [];
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return time === '' ? file : `${words.join('')}${time}`;
}
