const pending = new Set<() => Promise<void>>();

// A test file that forgets, or fails before it could tidy up, leaves no process and no database behind.
if (typeof afterAll === 'function') {
  afterAll(async () => {
    // The newest first: what was started later uses what was there before.
    for (const cleanup of [...pending].reverse()) await cleanup();
  });
}

/** Runs `cleanup` once: when the returned function is called, or else after the file's last test. */
export function cleanupOnce(cleanup: () => Promise<void>): () => Promise<void> {
  const once = async () => {
    if (pending.delete(once)) await cleanup();
  };
  pending.add(once);
  return once;
}
