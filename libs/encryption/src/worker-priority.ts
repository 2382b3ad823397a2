import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

const tasks = '/proc/self/task';
/** Of -20 to 19. A thread may always be made nicer, by anybody. */
const niceness = 10;

/**
 * Lets libuv's workers, which hash, give way to everything else on the machine's cores: the event loop of this process, and
 * the processes that are to answer meanwhile. On Linux; elsewhere threads have no priority of their own, and nothing happens.
 * @returns how many threads were found
 */
export async function yieldWhileHashing(): Promise<number> {
  try {
    // The pool starts with its first piece of work, which this is.
    const names = await Promise.all((await readdir(tasks)).map(nameOf));
    const workers = names.filter(({ name }) => name.startsWith('libuv-worker'));
    for (const { id } of workers) setPriority(id, niceness);
    return workers.length;
  } catch {
    return 0;
  }
}

async function nameOf(id: string): Promise<{ id: number; name: string }> {
  return { id: Number(id), name: await readFile(`${tasks}/${id}/comm`, 'utf8') };
}
