import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The clone's own folder, from the sources as well as from `dist`. */
export const root = rootAbove(__dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`There is no package-lock.json above ${__dirname}.`);
  return rootAbove(parent);
}

/** Compiles everything: run it with this Node. */
export const buildProgram = join(root, 'tools', 'suite', 'build.mjs');

/** Everything that a run of the suite keeps: data, logs, secrets. */
export const localFolder = join(root, '.local');

/** The user's own settings for `npm start`, where there are any. */
export const settingsFile = join(root, '.env');

/** Beside it, so that a reset does not download again. */
export const redisCache = join(root, 'node_modules', '.cache', 'groundwork-redis');
export const chromiumCache = join(root, 'node_modules', '.cache', 'groundwork-chromium');
