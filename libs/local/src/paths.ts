import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The root folder of the clone, found from the sources as well as from `dist`. */
export const root = rootAbove(__dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`There is no package.json above ${__dirname}.`);
  return rootAbove(parent);
}

/** Compiles everything. Run it with the current Node. */
export const buildProgram = join(root, 'tools', 'suite', 'build.mjs');

/** Everything that a local run of the suite stores: data, logs, secrets. */
export const localFolder = join(root, '.local');

/** Optional settings of the user for `npm start`. */
export const settingsFile = join(root, '.env');

/** Outside localFolder, so that a reset does not download them again. */
export const redisCache = join(root, 'node_modules', '.cache', 'groundwork-redis');
export const chromiumCache = join(root, 'node_modules', '.cache', 'groundwork-chromium');
