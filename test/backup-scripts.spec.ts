import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '#libs/local';

const folder = mkdtempSync(join(tmpdir(), 'groundwork-backups-'));
afterAll(() => rmSync(folder, { recursive: true }));

const failure = z.object({ code: z.number() });

/** Runs a script with these variables alone. */
async function run(script: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'] ?? '', ...variables };
  return await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(join(root, 'scripts', script), args, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : failure.parse(error).code, stdout, stderr });
    });
  });
}

function folderOf(name: string, backups: readonly string[] = []): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const backup of backups) {
    mkdirSync(join(path, backup));
    writeFileSync(join(path, backup, 'SHA256SUMS'), 'sums');
  }
  return path;
}

const dayMs = 86_400_000;
/** The name of a backup from this time. */
const nameOf = (time: Date) => time.toISOString().replaceAll(/[-:]|\.\d+/g, '');

describe.each(['backup-database.sh', 'restore-database.sh', 'restore-point-in-time.sh', 'backup-schedule.sh'])(
  '%s',
  (script) => {
    it('explains itself with examples', async () => {
      const { code, stdout } = await run(script, ['--help']);
      expect({ code, hasExamples: /^Examples?$/m.test(stdout), namesItself: stdout.startsWith(script) }).toEqual({
        code: 0,
        hasExamples: true,
        namesItself: true,
      });
    });

    it('refuses an unknown option in one line', async () => {
      expect(await run(script, ['--unknown'])).toEqual({
        code: 2,
        stdout: '',
        stderr: `Unknown option: --unknown. Try ${script} --help.\n`,
      });
    });
  },
);

describe('a backup', () => {
  it.each([
    [{}, 'A backup must be encrypted. Set BACKUP_IDENTITY_FILE to an age key'],
    [{ BACKUP_IDENTITY_FILE: __filename }, 'DATABASE_ADMIN_URL is not set.'],
    [
      { BACKUP_IDENTITY_FILE: __filename, DATABASE_ADMIN_URL: 'a', DATABASE_ADMIN_URL_FILE: 'b' },
      'Set DATABASE_ADMIN_URL or DATABASE_ADMIN_URL_FILE, not both.',
    ],
    [
      { BACKUP_IDENTITY_FILE: __filename, DATABASE_ADMIN_URL_FILE: '/absent/url' },
      "DATABASE_ADMIN_URL_FILE: can't read /absent/url.",
    ],
    [
      { BACKUP_IDENTITY_FILE: __filename, DATABASE_ADMIN_URL: 'mysql://root@db' },
      'DATABASE_ADMIN_URL is not a URL like postgres://',
    ],
    [
      { BACKUP_IDENTITY_FILE: __filename, DATABASE_ADMIN_URL: 'postgres://postgres:x@db/postgres?options=-c' },
      'DATABASE_ADMIN_URL: the parameter options is not supported.',
    ],
  ])('refuses to start with %j', async (variables, message) => {
    const { code, stderr } = await run('backup-database.sh', ['--directory', folder], variables);
    expect(code).toBe(1);
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('is listed only if it is complete', async () => {
    const directory = folderOf('listed', ['20270102T020000Z', '20270101T020000Z', 'notes']);
    mkdirSync(join(directory, '20270103T020000Z'));
    mkdirSync(join(directory, '.partial-17'));
    const { stdout } = await run('backup-database.sh', ['--directory', directory, '--list']);
    expect(stdout).toBe('20270101T020000Z\n20270102T020000Z\n');
  });
});

describe('retention', () => {
  async function kept(name: string, all: readonly string[]): Promise<readonly string[]> {
    const directory = folderOf(name, all);
    const { stdout } = await run('backup-database.sh', ['--directory', directory, '--expired']);
    const expired = new Set(stdout.trimEnd().split('\n'));
    return all.filter((backup) => !expired.has(backup));
  }

  it('keeps 7 daily, 5 weekly, and 12 monthly backups of two years', async () => {
    // A Wednesday. Weeks end on Sunday, so the newest backup of each earlier week is a Sunday's.
    const newest = Date.UTC(2027, 2, 10, 2);
    const all = Array.from({ length: 730 }, (_, age) => nameOf(new Date(newest - age * dayMs)));
    const days = ['0310', '0309', '0308', '0307', '0306', '0305', '0304'].map((day) => `2027${day}`);
    const weeks = ['20270228', '20270221', '20270214'];
    const months = ['20270131', '20261231', '20261130', '20261031', '20260930', '20260831', '20260731'];
    const earlier = ['20260630', '20260531', '20260430'];
    expect(await kept('two-years', all)).toEqual(
      [...days, ...weeks, ...months, ...earlier].map((day) => `${day}T020000Z`),
    );
  });

  it('keeps the newest backup of a day', async () => {
    expect(await kept('one-day', ['20270101T020000Z', '20270101T030000Z', '20270101T013000Z'])).toEqual([
      '20270101T030000Z',
    ]);
  });

  it('keeps all if backups stopped long ago', async () => {
    const old = ['20240229T020000Z', '20240301T020000Z'];
    expect(await kept('long-ago', old)).toEqual(old);
  });
});

describe('a restore', () => {
  it.each([
    [[], 'Name a backup, or "latest".'],
    [['yesterday'], 'yesterday is not the name of a backup.'],
    [['latest', '20270101T020000Z'], 'Name one backup, not latest and 20270101T020000Z.'],
    [['latest', '--into', 'copy'], '--into needs exactly one --database.'],
    [['latest', '--check', '--replace'], '--check replaces nothing. Leave out --replace and --into.'],
    [['latest', '--jobs', '0'], '--jobs needs a number.'],
  ])('refuses the arguments %j', async (args, message) => {
    const { code, stderr } = await run('restore-database.sh', args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `${message} Try restore-database.sh --help.\n` });
  });

  const settings = (directory: string) => ({
    BACKUP_DIRECTORY: directory,
    BACKUP_IDENTITY_FILE: __filename,
    DATABASE_ADMIN_URL: 'postgres://postgres:x@127.0.0.1:1/postgres',
  });

  it('refuses to start without the key', async () => {
    const { code, stderr } = await run('restore-database.sh', ['latest']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Set BACKUP_IDENTITY_FILE to the file with the age key that decrypts the backup.\n',
    });
  });

  it('says that there is no complete backup', async () => {
    const directory = folderOf('empty');
    const { code, stderr } = await run('restore-database.sh', ['latest'], settings(directory));
    expect({ code, stderr }).toEqual({ code: 1, stderr: `There is no complete backup in ${directory}.\n` });
  });

  it('refuses a backup with a changed file before it connects, and leaves nothing behind', async () => {
    const directory = folderOf('changed', ['20270101T020000Z']);
    writeFileSync(join(directory, '20270101T020000Z', 'manifest.tsv'), 'server\t170000\n');
    writeFileSync(join(directory, '20270101T020000Z', 'SHA256SUMS'), `${'0'.repeat(64)}  manifest.tsv\n`);
    const { code, stderr } = await run('restore-database.sh', ['latest'], settings(directory));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^20270101T020000Z is damaged, and nothing was changed\..*manifest\.tsv: FAILED/);
    expect(readdirSync(directory)).toEqual(['20270101T020000Z']);
  });
});

describe('a point in time', () => {
  it.each(['yesterday', '2027-01-31 13:59:59', '2027-01-31T13:59:59Z'])('needs a zone: refuses %s', async (time) => {
    const { code, stderr } = await run('restore-point-in-time.sh', [time]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${time} is not a time with a zone`);
  });
});

describe('init-production.sh', () => {
  it('writes a different, valid age key each time', () => {
    const keys = ['first', 'second'].map(ageKeyIn);
    for (const key of keys) expect(isAgeKey(key)).toBe(true);
    expect(new Set(keys).size).toBe(2);
  });
});

function ageKeyIn(name: string): string {
  const copy = folderOf(name);
  mkdirSync(join(copy, 'scripts'));
  const script = join(copy, 'scripts', 'init-production.sh');
  writeFileSync(script, readFileSync(join(root, 'scripts', 'init-production.sh')), { mode: 0o755 });
  const answers = ['--domain', 'a.test', '--email', 'a@a.test', '--smtp-url', 'smtp://a', '--mail-from', 'a@a.test'];
  execFileSync(script, answers);
  return readFileSync(join(copy, 'secrets', 'backup_identity'), 'utf8').trim();
}

// cspell:ignore Bech QPZRY TVDW KHCE
/** Bech32 (BIP 173): the checksum of the whole text must come out as 1. */
function isAgeKey(key: string): boolean {
  const digits = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L';
  const prefix = [...'age-secret-key-'].map((letter) => letter.codePointAt(0) ?? 0);
  const data = [...key.slice('AGE-SECRET-KEY-1'.length)].map((letter) => digits.indexOf(letter));
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  const sum = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data].reduce(
    (check, value) =>
      generator.reduce(
        (next, term, bit) => ((check >> 25) & (1 << bit) ? next ^ term : next),
        ((check & 0x1ffffff) << 5) ^ value,
      ),
    1,
  );
  return key.startsWith('AGE-SECRET-KEY-1') && data.length === 58 && !data.includes(-1) && sum === 1;
}
