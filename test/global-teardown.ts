type Cleanup = () => void | Promise<void>;

declare global {
  // Jest loads the set-up and the tear-down apart from each other: what they share must be global.
  var testCleanups: Cleanup[] | undefined;
}

/** Runs `cleanup` after all tests; the last one registered runs first. */
export function atTeardown(cleanup: Cleanup): void {
  (globalThis.testCleanups ??= []).unshift(cleanup);
}

export default async function globalTeardown(): Promise<void> {
  for (const cleanup of globalThis.testCleanups ?? []) await cleanup();
}
