import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from '#libs/command';
import { localFolder } from '#libs/local';
import { postgresAccount, reachableFolder } from './postgres-account';
import { claimFolder } from './run-state';

/** Deletes what a local run keeps in `.local`. */
export const reset: Command = async () => {
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
  return undefined;
};
