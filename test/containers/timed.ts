/** Says what takes long, and how long it took. */
export async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  console.log(`\n${what} …`);
  const startedAt = performance.now();
  await work();
  console.log(`${what} took ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.`);
}
