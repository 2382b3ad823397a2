import { UsageError } from '#libs/command';
import { readStartOptions } from './command-line';

it('defaults to one replica, the usual ports and embedded servers', () => {
  expect(readStartOptions([], {})).toEqual({ replicas: 1, ports: {}, servers: {} });
});

it('accepts replicas, ports and servers', () => {
  const env = { PORT: '8080', MAIL_UI_PORT: '', MANAGEMENT_PORT: '9000', REDIS_URL: 'rediss://cache:6379' };
  expect(readStartOptions(['--replicas', '2'], env)).toEqual({
    replicas: 2,
    ports: { PORT: 8_080, MANAGEMENT_PORT: 9_000 },
    servers: { redisUrl: 'rediss://cache:6379' },
  });
});

it.each([
  [['--replica', '2'], {}],
  [['--replicas', '0'], {}],
  [['--replicas', '9'], {}],
  [['--replicas', '1.5'], {}],
  [['auth'], {}],
  [[], { PORT: 'http' }],
  [[], { SMTP_PORT: '70000' }],
  [[], { PORT: '0' }],
  [[], { DATABASE_URL: 'mysql://localhost/x' }],
  [[], { REDIS_URL: 'localhost:6379' }],
])('refuses %j with %j in one sentence that says what to type', (args, env) => {
  expect(() => readStartOptions(args, env)).toThrow(UsageError);
});
