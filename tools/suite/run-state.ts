import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isRunning, processIdentity, recordedProcess, stopInOrder, type RecordedProcess } from '#libs/local';

const runRecord = z.object({ url: z.string(), processes: z.array(recordedProcess) });
type RunRecord = z.output<typeof runRecord>;

/** Another suite runs in the same folder. */
export class AlreadyRunningError extends Error {
  constructor(
    readonly pid: number,
    url: string,
  ) {
    const where = url === '' ? '' : ` at ${url}`;
    super(`Groundwork is already running${where} (process ${pid}). Press Ctrl-C in its terminal, or run: kill ${pid}`);
  }
}

export interface RunState {
  /**
   * Stores on disk what the next run must stop if this one is killed.
   * @returns false if it can't be written
   */
  record(url: string, processes: readonly RecordedProcess[]): boolean;
  release(): void;
}

/**
 * Claims the folder for this process. Ignores the lock of a killed run, and first stops what it left
 * running: only processes that are verified to be the recorded ones.
 */
export async function claimFolder(folder: string): Promise<RunState> {
  mkdirSync(folder, { recursive: true });
  // Others can't list it. But if this is root, PostgreSQL's account needs access to its own folder inside.
  chmodSync(folder, 0o711);
  const lock = join(folder, 'run.lock');
  // Some file systems have no links and so no lock, which prevents no one from starting.
  for (let attempt = 1; !takeLock(lock) && attempt <= 3; attempt++) {
    refuseWhileRunning(folder);
    await stopInOrder(readRecord(folder).processes, 5_000);
    // Another run may have stopped them too, and may have claimed the folder by now.
    refuseWhileRunning(folder);
    rmSync(lock, { force: true });
  }
  const file = join(folder, 'run.json');
  return {
    record: (url, processes) => {
      try {
        writeFileSync(`${file}.new`, JSON.stringify({ url, processes }, null, 2), { mode: 0o600 });
        renameSync(`${file}.new`, file);
        return true;
      } catch {
        return false;
      }
    },
    release: () => {
      if (!isOurs(lock)) return;
      rmSync(file, { force: true });
      rmSync(lock, { force: true });
    },
  };
}

/** @throws AlreadyRunningError while another process holds the folder */
export function refuseWhileRunning(folder: string): void {
  const lock = join(folder, 'run.lock');
  if (!existsSync(lock)) return;
  const holder = processIdentity.safeParse(readJson(lock));
  if (holder.success && isRunning(holder.data)) throw new AlreadyRunningError(holder.data.pid, readRecord(folder).url);
}

/** What is running now, or was running when the supervisor was killed. */
export function readRecord(folder: string): RunRecord {
  const found = runRecord.safeParse(readJson(join(folder, 'run.json')));
  return found.success ? found.data : { url: '', processes: [] };
}

/** A link appears atomically with its content, so no one ever reads a half-written lock. */
function takeLock(lock: string): boolean {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    linkSync(mine, lock);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function isOurs(lock: string): boolean {
  const holder = processIdentity.safeParse(readJson(lock));
  const { pid, startedAt } = identify(process.pid) ?? {};
  return holder.success && holder.data.pid === pid && holder.data.startedAt === startedAt;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
