import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { commonEnvironment, ConfigurationError, serviceConfig } from './index';

class TestConfig extends serviceConfig(z.object(commonEnvironment)) {}

const password = randomBytes(24).toString('hex');

/** Returns the error lines of a service with these times. */
function linesFor(times: { SHUTDOWN_TIMEOUT?: string; DRAIN_DELAY?: string }, environment = 'production'): string[] {
  const variables = {
    NODE_ENV: environment,
    DATABASE_URL: `postgres://billing:${password}@postgres/billing`,
    REDIS_URL: `redis://:${password}@redis`,
    ...times,
  };
  try {
    TestConfig.of(variables);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return [...error.lines];
  }
}

it.each([[{}], [{ DRAIN_DELAY: '1' }], [{ DRAIN_DELAY: '5', SHUTDOWN_TIMEOUT: '14' }]])(
  'accepts %j in production',
  (times) => {
    expect(linesFor(times)).toEqual([]);
  },
);

it.each([
  [{ DRAIN_DELAY: '2' }, 11],
  [{ DRAIN_DELAY: '5', SHUTDOWN_TIMEOUT: '13' }, 14],
  [{ SHUTDOWN_TIMEOUT: '4' }, 9],
])('refuses %j in production, because a running job would be cut off, and names the least value', (times, least) => {
  expect(linesFor(times)).toEqual([`SHUTDOWN_TIMEOUT is too short for DRAIN_DELAY. Set it to ${least} or more.`]);
});

it('accepts a short time to stop in development', () => {
  expect(linesFor({ SHUTDOWN_TIMEOUT: '4' }, 'development')).toEqual([]);
});
