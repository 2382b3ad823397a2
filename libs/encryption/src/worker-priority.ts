import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

const tasks = '/proc/self/task';
/** From -20 to 19. Any process can raise the niceness of its threads. */
const niceness = 10;

/**
 * Lowers the priority of libuv's workers, which do the hashing, so that the event loop and other processes
 * come first. Has no effect on systems other than Linux, where threads have no priority of their own.
 * @returns how many threads were found
 */
export async function yieldWhileHashing(): Promise<number> {
  try {
    // The pool starts with its first task, which is this one.
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
