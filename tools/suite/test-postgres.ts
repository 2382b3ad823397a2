import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, identify } from '#libs/local';
import { startPostgres } from './postgres';
import { startWatchdog } from './watchdog';

/** Linux: TMPFS_MAGIC. */
const tmpfs = 0x01021994;
const room = 2 ** 30;

const settings = {
  // Safe because the data is not needed after a power failure.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Hundreds of small databases live for seconds, so vacuuming each costs more than it saves.
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  // Kept small, because it is in memory.
  max_wal_size: '256MB',
  scram_iterations: '1',
};

/**
 * A PostgreSQL whose data is not needed after a power failure. It ends with this process at the latest,
 * and its data is deleted.
 */
export async function startTestPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(temporaryFolder(), 'groundwork-postgres-'));
  // As root, PostgreSQL runs under another account, which needs access.
  chmodSync(folder, 0o711);
  const watchdog = startWatchdog(folder);
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    password: randomBytes(12).toString('hex'),
    logFile: join(folder, 'postgres.log'),
    settings,
  });
  const server = identify(postgres.pid);
  if (server !== undefined) watchdog.guard([{ ...server, name: 'postgres', signal: 'SIGINT', server: true }]);
  const stop = async () => {
    await postgres.stop();
    watchdog.release();
  };
  return { url: postgres.url, stop };
}

/**
 * In memory, if Linux has space for it. Each test file creates and drops a database of a thousand files.
 * On ext4 without a journal, which scans recently deleted files for each new file, that took a quarter of
 * the tests' time.
 */
function temporaryFolder(): string {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { type, bavail, bsize } = statfsSync(memory);
  return type === tmpfs && bavail * bsize >= room ? memory : tmpdir();
}
