type Cleanup = () => void | Promise<void>;

declare global {
  // Jest loads setup and teardown separately, so what they share must be global.
  var testCleanups: Cleanup[] | undefined;
}

/** Runs `cleanup` after all tests, the last registered first. */
export function atTeardown(cleanup: Cleanup): void {
  (globalThis.testCleanups ??= []).unshift(cleanup);
}

export default async function globalTeardown(): Promise<void> {
  for (const cleanup of globalThis.testCleanups ?? []) await cleanup();
}
