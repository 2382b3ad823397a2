import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isRunning, processIdentity, recordedProcess, stopInOrder, type RecordedProcess } from '#libs/local';

const runRecord = z.object({ url: z.string(), processes: z.array(recordedProcess) });
type RunRecord = z.output<typeof runRecord>;

/** Another suite runs on the same folder. */
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
  /** Keeps on disk what the next run must stop if this one is killed. @returns false when the disk does not take it */
  record(url: string, processes: readonly RecordedProcess[]): boolean;
  release(): void;
}

/**
 * Takes the folder for this process. The lock of a run that was killed does not count: what it left running is stopped
 * first, and only what is verified to be the very processes that it recorded.
 */
export async function claimFolder(folder: string): Promise<RunState> {
  mkdirSync(folder, { recursive: true });
  // Not to be listed by others; but as root, PostgreSQL's account must get through to its own folder.
  chmodSync(folder, 0o711);
  const lock = join(folder, 'run.lock');
  // Some file systems have no links, and so no lock: that keeps nobody from starting.
  for (let attempt = 1; !takeLock(lock) && attempt <= 3; attempt++) {
    refuseWhileRunning(folder);
    await stopInOrder(readRecord(folder).processes, 5_000);
    // Another one may have stopped them as well, and hold the folder by now.
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

/** Throws AlreadyRunningError while another process holds the folder. */
export function refuseWhileRunning(folder: string): void {
  const lock = join(folder, 'run.lock');
  if (!existsSync(lock)) return;
  const holder = processIdentity.safeParse(readJson(lock));
  if (holder.success && isRunning(holder.data)) throw new AlreadyRunningError(holder.data.pid, readRecord(folder).url);
}

/** What runs now (or was running when the supervisor was killed). */
export function readRecord(folder: string): RunRecord {
  const found = runRecord.safeParse(readJson(join(folder, 'run.json')));
  return found.success ? found.data : { url: '', processes: [] };
}

/** A link appears at once and with its content: nobody ever reads a half-written lock. */
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
