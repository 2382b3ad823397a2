import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from '#libs/command';
import { localFolder } from '#libs/local';
import { postgresAccount, reachableFolder } from './postgres-account';
import { claimFolder } from './run-state';

/** Deletes what a local run stores in `.local`. */
export const reset: Command = async () => {
  // Like npm start, stops what a killed run left running before its data is deleted.
  const state = await claimFolder(localFolder);
  const database = reachableFolder(join(localFolder, 'postgres'), postgresAccount());
  // Inside .local, or in a separate folder elsewhere.
  for (const folder of new Set([dirname(database), localFolder])) {
    if (!existsSync(folder)) continue;
    rmSync(folder, { recursive: true, force: true });
    console.log(`Deleted ${folder}`);
  }
  state.release();
  return undefined;
};
