/** Reads a variable that `test/global-setup.ts` sets, or a developer who runs the tests against their own servers. */
export function testVariable(name: 'TEST_DATABASE_URL' | 'TEST_RUN' | 'TEST_REDIS_SERVER'): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: jest's global setup (test/global-setup.ts) sets it.`);
  return value;
}
