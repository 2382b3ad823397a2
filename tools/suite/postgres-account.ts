import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so it runs as `postgres`, or as `nobody` if there is no such user.
 * Undefined: the current user.
 */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const account = ['postgres', '_postgres', 'nobody'].map(accountNamed).find((found) => found !== undefined);
  if (account === undefined) {
    throw new Error(
      'PostgreSQL does not run as root, and this system has neither the user postgres nor nobody. Run as a non-root user.',
    );
  }
  return account;
}

function accountNamed(name: string): Account | undefined {
  const id = (kind: string) => Number(execFileSync('id', [kind, name], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/**
 * Returns the folder itself, or one in a temporary folder if the account can't enter a parent, such as for
 * a clone under `/root`.
 */
export function reachableFolder(wanted: string, account: Account | undefined): string {
  mkdirSync(dirname(wanted), { recursive: true });
  if (canEnter(dirname(wanted), account)) return wanted;
  const clone = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  return join(reachableTemporary(account), `groundwork-${clone}`, basename(wanted));
}

function reachableTemporary(account: Account | undefined): string {
  const found = [tmpdir(), '/tmp', '/var/tmp'].find((folder) => existsSync(folder) && canEnter(folder, account));
  if (found === undefined)
    throw new Error('PostgreSQL runs as another user, who cannot enter any temporary folder. Run as a non-root user.');
  return found;
}

function canEnter(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}

/**
 * Makes the folder private to the account. Anyone may have created one in a temporary folder before, so
 * only our own is used.
 */
export function makeOwnFolder(folder: string, account: Account | undefined): void {
  const owner = account?.uid ?? process.getuid?.();
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  if (!existsSync(folder)) {
    mkdirSync(folder, { mode: 0o700 });
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
  }
  refuseForeign(dirname(folder), process.getuid?.());
  refuseForeign(folder, owner);
}

function refuseForeign(folder: string, owner: number | undefined): void {
  const found = lstatSync(folder);
  if (found.isDirectory() && (owner === undefined || found.uid === owner)) return;
  throw new Error(`${folder} belongs to another user (${found.uid}). Remove it, then start again.`);
}

/** Returns the installed binaries if the account can run them, or a copy if it can't enter node_modules. */
export function reachableCopy(native: string, account: Account | undefined): string {
  if (canEnter(native, account)) return native;
  const version = createHash('sha256')
    .update(readFileSync(join(native, '..', 'package.json')))
    .digest('hex')
    .slice(0, 12);
  const copy = join(reachableTemporary(account), `groundwork-postgres-${version}`);
  if (existsSync(copy) && lstatSync(copy).uid === 0) return copy;
  rmSync(copy, { recursive: true, force: true });
  const unfinished = mkdtempSync(`${copy}-`);
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'go+rX', unfinished]);
  renameSync(unfinished, copy);
  return copy;
}
