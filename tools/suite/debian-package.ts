import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether this is Debian, Ubuntu, or the like. */
export function hasPackages(): boolean {
  return isExecutable('/usr/bin/apt-get') && isExecutable('/usr/bin/dpkg-deb');
}

/**
 * Unpacks the first package of these that exists, with its dependencies, into `cache`. Works without root,
 * and installs nothing on the system. Leaves `cache` as it is unless `isComplete` accepts what was unpacked.
 */
export function unpackDebianPackage(
  names: readonly string[],
  cache: string,
  isComplete: (folder: string) => boolean,
): void {
  mkdirSync(dirname(cache), { recursive: true });
  const folder = mkdtempSync(`${cache}-`);
  try {
    if (!names.some((name) => unpack(name, folder) && isComplete(folder))) return;
    // Another run may have been faster. Both copies are the same.
    rmSync(cache, { recursive: true, force: true });
    renameSync(folder, cache);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `usr/lib/<architecture>`, where Debian puts libraries, and `usr/lib` itself. */
export function libraryFolders(cache: string): string[] {
  const lib = join(cache, 'usr', 'lib');
  if (!existsSync(lib)) return [];
  const nested = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [lib, ...nested.map((entry) => join(lib, entry.name))];
}

/** The package and its dependencies that are not installed, as `apt-get install` would choose them. */
function unpack(name: string, folder: string): boolean {
  const lists = packageLists(name, folder);
  const plan = apt([...lists, 'install', '--simulate', '--no-install-recommends', name], folder);
  const packages = [...plan.matchAll(/^Inst (\S+) .*?\((\S+)/gm)].map(([, pkg, version]) => `${pkg}=${version}`);
  if (packages.length === 0) return false;
  apt([...lists, 'download', ...packages], folder);
  const archives = readdirSync(folder).filter((file) => file.endsWith('.deb'));
  for (const archive of archives) {
    spawnSync('dpkg-deb', ['-x', archive, '.'], { cwd: folder });
    rmSync(join(folder, archive));
  }
  rmSync(join(folder, 'apt'), { recursive: true, force: true });
  return true;
}

/** A fresh machine has no package lists, and only root can fetch the system's, so this fetches its own. */
function packageLists(name: string, folder: string): string[] {
  if (/^\s+Candidate: (?!\(none\))/m.test(run('apt-cache', ['policy', name], folder))) return [];
  const state = join(folder, 'apt');
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  const options = ['-o', `Dir::State::Lists=${join(state, 'lists')}`, '-o', `Dir::Cache=${join(state, 'cache')}`];
  apt([...options, 'update'], folder);
  return options;
}

function apt(args: readonly string[], folder: string): string {
  // Unsandboxed as root, because apt's own user could not write into this folder.
  return run('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', ...args], folder);
}

/** @returns its output; empty if the command does not exist or takes too long */
function run(command: string, args: readonly string[], cwd: string): string {
  const { error, stdout } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return error === undefined ? stdout : '';
}
