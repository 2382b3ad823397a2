import { eventually } from '#libs/testing';
import { z } from 'zod';
import { docker } from '../../tools/containers/engine';
import { suite } from '../e2e/suite';
import {
  anOwner,
  asSuperuser,
  auditHeads,
  inBackup,
  secondsOf,
  signInStatus,
  untilBackedUp,
  verifyAudit,
} from './data';
import { stack, underLoad, untilHealthy } from './drill';

beforeAll(() => untilBackedUp('logical'));

/** Runs a command in the container that makes backups. */
const backup = (...command: string[]) => stack.run(...inBackup(...command));
const script = (text: string) => backup('bash', '-euc', text);

/** The container's /tmp has 16 MiB. */
const copy = '/tmp/drill';
afterEach(() => script(`rm -rf ${copy} /tmp/fill`));

/** Copies the newest backup, changes the copy, and makes its checksums fit again if the change is to be found later. */
async function changedBackup(change: string, checksums: 'kept' | 'renewed'): Promise<void> {
  const renew = checksums === 'renewed' ? 'sha256sum -- *.age manifest.tsv >SHA256SUMS' : ':';
  const { code, output } = await script(`
    newest=$(backup-database.sh --list | tail -n 1)
    mkdir ${copy} && cp -r "/backups/$newest" ${copy}/ && cd ${copy}/*/ && ${change} && ${renew}`);
  expect({ code, output }).toEqual({ code: 0, output: '' });
}

const names = z.array(z.object({ name: z.string() }));
const databases = () =>
  asSuperuser('postgres', async (client) => {
    const { rows } = await client.query("SELECT oid || ' ' || datname AS name FROM pg_database ORDER BY oid");
    return names.parse(rows).map(({ name }) => name);
  });

it('dumps every database under load without a failed request, and the dump restores', async () => {
  const { report } = await underLoad('dump of every database', async () => {
    expect(await backup('backup-database.sh')).toMatchObject({ code: 0 });
  });
  expect(report.failed).toEqual({});
  const { code, output } = await backup('restore-database.sh', 'latest', '--check');
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/restores completely: 4 databases/);
});

it('keeps the earlier backup when the disk is full', async () => {
  const { code, output } = await script(`
    mkdir ${copy} && backup-database.sh --directory ${copy} >/dev/null
    head -c 16M /dev/zero >/tmp/fill 2>/dev/null || true
    truncate -s -40K /tmp/fill
    code=0; backup-database.sh --directory ${copy} || code=$?
    cd ${copy} && echo "left: $(ls -A | grep -vc '^.lock$')" && cd 2*/ && sha256sum --check --quiet SHA256SUMS && exit "$code"`);
  expect(output).toMatch(/No space left on device/);
  expect(output).toContain('The backup failed. Earlier backups are unchanged.');
  expect(output).toContain('left: 1');
  expect(code).toBe(1);
});

const lastByte = (file: string) =>
  `printf 'X' | dd of=${file} bs=1 seek=$(($(stat -c %s ${file}) - 20)) conv=notrunc 2>/dev/null`;

it.each<[string, string, 'kept' | 'renewed', string]>([
  ['truncated', 'truncate -s -1 groundwork_notification.dump.age', 'kept', 'is damaged, and nothing was changed'],
  ['changed', lastByte('groundwork_notification.dump.age'), 'kept', 'is damaged, and nothing was changed'],
  ['forged', lastByte('groundwork_notification.dump.age'), 'renewed', 'it was changed. Nothing was replaced'],
  [
    'newer',
    `sed -i 's/^server\\t.*/server\\t180001/' manifest.tsv`,
    'renewed',
    'pg_dump 17 is too old for PostgreSQL 18',
  ],
])('replaces nothing by a backup that is %s, and says so', async (_, change, checksums, sentence) => {
  const before = await databases();
  await changedBackup(change, checksums);
  const { code, output } = await backup('restore-database.sh', 'latest', '--replace', '--from', copy);
  expect(output).toContain(sentence);
  expect(code).toBe(1);
  expect(await databases()).toEqual(before);
  await anOwner();
});

it('makes no backup with a wrong password, and shows no password', async () => {
  const url = 'postgres://postgres:0123456789abcdef0123456789abcdef@postgres:5432/postgres';
  const settings = ['-e', 'DATABASE_ADMIN_URL_FILE=', '-e', `DATABASE_ADMIN_URL=${url}`];
  const args = ['compose', 'exec', '-T', ...settings, 'backup', 'backup-database.sh'];
  const { code, output } = await stack.run('docker', args);
  expect(output).toContain('password authentication failed for user');
  expect(output).not.toContain('0123456789abcdef0123456789abcdef');
  expect(code).toBe(1);
});

it('makes no backup when pg_dump is killed', async () => {
  const earlier = await backup('backup-database.sh', '--list');
  const killDump = `for process in /proc/[0-9]*; do
      if [[ $(cat "$process/comm" 2>/dev/null) == pg_dump ]]; then kill -KILL "\${process#/proc/}" && exit; fi
    done; exit 1`;
  const { code, output } = await asSuperuser('groundwork_auth', async (client) => {
    await client.query('CREATE TABLE drill_locked (id int)');
    try {
      await client.query('BEGIN');
      await client.query('LOCK TABLE drill_locked');
      const dump = backup('backup-database.sh');
      // It waits for the table.
      await eventually(async () => (await script(killDump)).code === 0, { timeoutMs: 60_000 });
      return await dump;
    } finally {
      await client.query('ROLLBACK');
      await client.query('DROP TABLE drill_locked');
    }
  });
  expect(output).toContain('groundwork_auth: pg_dump failed.');
  expect(output).toContain('The backup failed. Earlier backups are unchanged.');
  expect(code).toBe(1);
  expect(await backup('backup-database.sh', '--list')).toEqual(earlier);
});

/** Follows "Restore on an empty server" of docs/backup-and-restore.md. */
async function restoreOnAnEmptyServer(): Promise<string> {
  const project = stack.settings.variables['COMPOSE_PROJECT_NAME'];
  await stack.compose('stop');
  await stack.compose('rm', '--force', 'postgres', 'backup');
  await docker(['volume', 'rm', `${project}_postgres-17`], stack.env);
  await stack.compose('up', '--detach', '--wait', '--no-deps', 'postgres');
  const restored = await stack.compose('run', '--rm', '--no-deps', 'backup', 'restore-database.sh', 'latest');
  await stack.compose('up', '--detach');
  await untilHealthy(300_000);
  return restored;
}

it('restores a dump on an empty server: users sign in, the audit log verifies, and backups go on', async () => {
  const owner = await anOwner();
  const heads = await auditHeads();
  expect(await backup('backup-database.sh')).toMatchObject({ code: 0 });
  const later = await anOwner();
  const readFull = async () => (await backup('cat', '/backups/.state/full')).output;
  const fullBackup = await readFull();
  const seconds = await secondsOf(async () => console.log(await restoreOnAnEmptyServer()));
  console.log(`A restore of a dump on an empty server took ${seconds} s with all starts and stops`);

  expect(await signInStatus(owner)).toBe(200);
  expect(await signInStatus(later)).toBe(401);
  await verifyAudit(heads);
  await suite.signIn(await anOwner());
  // The repository of physical backups takes WAL of the new server, after a full backup of it.
  const isBackedUp = async () => Number(await readFull()) > Number(fullBackup);
  await eventually(isBackedUp, { timeoutMs: 300_000, describe: 'a full backup of the new server' });
});
