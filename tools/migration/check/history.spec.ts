import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '#libs/local';
import { releasedOf } from './check';
import { editedMigrations } from './edited';
import { exceptions } from './exceptions';
import { judge } from './finding';
import { landingBranch } from './git';

describe('in a repository', () => {
  const file = 'apps/billing/src/migrations/1800000000000-create-plans.ts';
  const source = "export class CreatePlans1800000000000 {\n  up = 'CREATE TABLE plans (id int)';\n}\n";
  let folder: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=T', '-c', 'user.email=t@acme.test', ...args], {
      stdio: 'pipe',
    });
  const write = (text: string) => writeFileSync(join(folder, file), text);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'groundwork-migrations-'));
    mkdirSync(join(folder, 'apps', 'billing', 'src', 'migrations'), { recursive: true });
    git('init', '--quiet');
    write(source);
    git('add', '.');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds a migration that was edited after it landed, also in a later commit, and one exception allows one edit', () => {
    git('commit', '--quiet', '-m', 'Create plans');
    expect(editedMigrations(folder, 'HEAD')).toEqual([]);
    write(source.replace('id int', 'id bigint'));
    const edited = editedMigrations(folder, 'HEAD');
    expect(edited).toEqual([expect.objectContaining({ service: 'billing', migration: 'CreatePlans1800000000000' })]);
    git('commit', '--quiet', '-a', '-m', 'Edit');
    expect(editedMigrations(folder, 'HEAD')).toEqual(edited);
    const allowed = edited.map(({ service, migration: name, rule }) => ({
      service,
      migration: name,
      rule,
      reason: '',
    }));
    expect(judge(edited, allowed)).toEqual([]);
    write(source.replace('id int', 'id uuid'));
    expect(judge(editedMigrations(folder, 'HEAD'), allowed).map(({ rule }) => rule)).toEqual([
      expect.stringMatching(/^edited:/),
      'unused-exception',
    ]);
  });

  it('accepts other comments, and edits before a migration has landed', () => {
    git('commit', '--quiet', '-m', 'Create plans');
    write(`// Plans.\n${source.replaceAll('  ', '    ')}`);
    expect(editedMigrations(folder, 'HEAD')).toEqual([]);
    const second = file.replace('create-plans', 'add-notes');
    writeFileSync(join(folder, second), source);
    git('checkout', '--quiet', '-b', 'feature');
    git('add', '.');
    git('commit', '--quiet', '-m', 'Add notes');
    writeFileSync(join(folder, second), source.replace('int', 'uuid'));
    expect(editedMigrations(folder, 'feature~1')).toEqual([]);
  });

  it('reads what a release was', () => {
    writeFileSync(join(folder, 'apps/billing/src/plans.ts'), "export const sql = 'SELECT id FROM plans';\n");
    git('add', '.');
    git('commit', '--quiet', '-m', 'Create plans');
    git('tag', 'v1');
    const released = releasedOf(folder, 'billing', 'v1');
    expect(released?.migrations).toEqual(['CreatePlans1800000000000']);
    expect(released?.code.statements).toEqual([
      { file: 'apps/billing/src/plans.ts', line: 1, sql: 'SELECT id FROM plans' },
    ]);
    expect(releasedOf(folder, 'auth', 'v1')).toBeUndefined();
  });
});

it('no migration of this project was edited without an exception', () => {
  const base = landingBranch(root);
  const edited = base === undefined ? [] : editedMigrations(root, base);
  expect(edited.filter((finding) => judge([finding], exceptions).includes(finding))).toEqual([]);
});
