declare global {
  // Called by test/environment.ts, which runs outside the module registry of the tests.
  var tidyUp: (() => Promise<void>) | undefined;
  // One list for all: this module is loaded once for the services' tests and again for each other file
  // (test/runtime.cjs).
  var pendingCleanups: (() => Promise<void>)[] | undefined;
}

const patienceMs = 30_000;
const pending = (globalThis.pendingCleanups ??= []);

/**
 * Runs `cleanup` once: when the returned function is called, or after the file's last test and hook, in
 * reverse order of registration. A test that fails or forgets to clean up leaves no process and no
 * database behind.
 */
export function cleanupOnce(cleanup: () => Promise<void>): () => Promise<void> {
  const once = async () => {
    const position = pending.indexOf(once);
    if (position === -1) return;
    pending.splice(position, 1);
    await cleanup();
  };
  pending.push(once);
  return once;
}

globalThis.tidyUp = async () => {
  for (let last = pending.at(-1); last !== undefined; last = pending.at(-1)) await withinLimit(last);
};

/** A hanging cleanup must not block the whole run. */
async function withinLimit(cleanup: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Tidying up took longer than ${patienceMs / 1_000} s: ${String(cleanup)}`));
    }, patienceMs);
  });
  await Promise.race([cleanup(), tooLong]).finally(() => {
    clearTimeout(timer);
  });
}
