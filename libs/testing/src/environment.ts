/** What `test/global-setup.ts` puts there, or whoever runs the tests against servers of their own. */
export function testVariable(name: 'TEST_DATABASE_URL' | 'TEST_RUN' | 'TEST_REDIS_SERVER'): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: jest's global setup (test/global-setup.ts) sets it.`);
  return value;
}
