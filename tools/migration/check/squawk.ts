import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '#libs/local';
import { z } from 'zod';
import type { Replayed } from './replay';

export interface SquawkFinding {
  readonly migration: string;
  readonly rule: string;
  readonly text: string;
}

const program = join(root, 'node_modules', 'squawk-cli', 'js', 'bin', 'squawk');
const report = z.array(
  z.object({
    file: z.string(),
    line: z.number(),
    message: z.string(),
    help: z.string().nullable(),
    rule_name: z.string(),
  }),
);

/** Asks squawk about the statements of each migration. */
export async function squawk(migrations: readonly Replayed[]): Promise<SquawkFinding[]> {
  const inside = migrations.filter(({ inTransaction }) => inTransaction);
  const outside = migrations.filter(({ inTransaction }) => !inTransaction);
  return [...(await ask(inside, ['--assume-in-transaction'])), ...(await ask(outside, []))];
}

async function ask(migrations: readonly Replayed[], options: readonly string[]): Promise<SquawkFinding[]> {
  if (migrations.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-squawk-'));
  try {
    const files = migrations.map(({ name, statements }) => {
      writeFileSync(join(folder, `${name}.sql`), statements.map((statement) => `${statement}\n;\n`).join(''));
      return `${name}.sql`;
    });
    const args = [program, '--config', join(root, '.squawk.toml'), '--reporter', 'json', ...options, ...files];
    const problems = report.parse(JSON.parse(await outputOf(args, folder)));
    return problems.map(({ file, line, message, help, rule_name }) => {
      const migration = file.replace(/\.sql$/, '');
      const { statements = [] } = migrations.find(({ name }) => name === migration) ?? {};
      const advice = help === null ? '' : ` ${help}.`;
      return { migration, rule: `squawk:${rule_name}`, text: `${message}${advice} In: ${excerpt(statements, line)}` };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** squawk exits with 1 when it finds something. */
function outputOf(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      if (error !== null && error.code !== 1) reject(new Error(`squawk failed: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
  });
}

/** The start of the statement that begins at or before a line of the file. */
function excerpt(statements: readonly string[], line: number): string {
  let start = 0;
  for (const statement of statements) {
    start += statement.split('\n').length + 1;
    if (line < start) return shortened(statement);
  }
  return '';
}

function shortened(statement: string): string {
  const text = statement.replaceAll(/\s+/g, ' ').trim();
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
