import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from './ports';
import { startPostgres } from './postgres';
import { identify } from './processes';
import { startWatchdog } from './watchdog';

const settings = {
  // Safe with data that nobody needs after a power cut.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Hundreds of databases of a few rows that live for seconds: looking after each costs more than it brings.
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  max_wal_size: '8GB',
  scram_iterations: '1',
};

/** A PostgreSQL whose data nobody needs after a power cut, which ends with this process at the latest. */
export async function startTestPostgres(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    password: randomBytes(12).toString('hex'),
    logFile: join(folder, 'postgres.log'),
    settings,
  });
  const watchdog = startWatchdog();
  const server = identify(postgres.pid);
  if (server !== undefined) watchdog.guard([{ ...server, name: 'postgres', signal: 'SIGINT', server: true }]);
  const stop = async () => {
    await postgres.stop();
    watchdog.release();
  };
  return { url: postgres.url, stop };
}
