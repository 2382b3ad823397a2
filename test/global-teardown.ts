import { rmSync } from 'node:fs';
import './global-setup';

export default async function globalTeardown(): Promise<void> {
  const servers = globalThis.testServers;
  if (servers === undefined) return;
  await servers.postgres.stop();
  servers.watchdog.release();
  rmSync(servers.postgres.folder, { recursive: true, force: true });
  rmSync(servers.folder, { recursive: true, force: true });
}
