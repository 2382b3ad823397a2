import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { color } from './local/color';
import { localFolder } from './local/paths';
import { postgresAccount, reachableFolder } from './local/postgres-account';
import { claimFolder } from './local/run-state';

async function reset(): Promise<void> {
  // As npm start does: what a killed run left running is stopped before its data go.
  const state = await claimFolder(localFolder);
  const database = reachableFolder(join(localFolder, 'postgres'), postgresAccount());
  // Inside .local, or in a folder of its own elsewhere.
  for (const folder of new Set([dirname(database), localFolder])) {
    if (!existsSync(folder)) continue;
    rmSync(folder, { recursive: true, force: true });
    console.log(`Deleted ${folder}`);
  }
  state.release();
}

reset().catch((error: unknown) => {
  console.error(color('red', error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
});
