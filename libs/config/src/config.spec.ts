import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  commonEnvironment,
  ConfigurationError,
  fieldEncryptionEnvironment,
  parseEnvironment,
  port,
  type Environment,
} from './index';

/** Returns the error lines for one variable. The rules of production apply only if `environment` asks for them. */
function linesFor(schema: z.ZodType, value: string | undefined, environment: Environment = { NODE_ENV: 'test' }) {
  try {
    parseEnvironment(z.object({ IT: schema }), { ...environment, IT: value });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.lines;
  }
}

const goodSecret = () => randomBytes(32).toString('base64');
const goodFernetKey = () => goodSecret().replaceAll('+', '-').replaceAll('/', '_');

describe('parseEnvironment', () => {
  const schema = z.object({ ...commonEnvironment, ...fieldEncryptionEnvironment, PORT: port.default(3000) });
  const good = () => ({
    DATABASE_URL: 'postgres://auth:Xk29vTqL0w@db.internal:5432/auth',
    REDIS_URL: 'rediss://:Xk29vTqL0w@cache.internal:6380',
    FIELD_ENCRYPTION_KEY: goodFernetKey(),
  });

  it('returns typed values, with defaults for unset variables', () => {
    expect(parseEnvironment(schema, { ...good(), PORT: '8080', SHUTDOWN_TIMEOUT: '25' })).toMatchObject({
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      DATABASE_POOL_SIZE: 10,
      MANAGEMENT_HOST: '127.0.0.1',
      PORT: 8080,
      SHUTDOWN_TIMEOUT: 25,
    });
  });

  it('treats an empty variable as unset and drops a trailing line end', () => {
    const { SENTRY_DSN, PORT, DATABASE_URL } = parseEnvironment(schema, {
      ...good(),
      SENTRY_DSN: '',
      PORT: ' \t',
      DATABASE_URL: 'postgres://db/auth\n',
    });
    expect([SENTRY_DSN, PORT, DATABASE_URL]).toEqual([undefined, 3000, 'postgres://db/auth']);
  });

  it('reports every bad variable on one line, with the problem and the remedy', () => {
    const environment = { NODE_ENV: 'prod', DATABASE_URL: 'mysql://db/auth', DATABASE_POOL_SIZE: '0', REDIS_URL: '' };
    const failure = expect(() => parseEnvironment(schema, environment));
    failure.toThrow(
      new ConfigurationError([
        'NODE_ENV is not valid. Expected one of production, development, test.',
        'DATABASE_URL is not valid. Expected a URL that starts with postgres:// or postgresql://.',
        'DATABASE_POOL_SIZE is not valid. Expected a whole number from 1 to 1000.',
        'REDIS_URL is missing. Expected a URL that starts with redis://, rediss://, redis+sentinel://, or redis+cluster://.',
        'FIELD_ENCRYPTION_KEY is missing. Expected Fernet keys (32 bytes in base64url) separated by commas, the newest first.' +
          " To create one, run: openssl rand -base64 32 | tr '+/' '-_'",
      ]),
    );
  });

  it('reports invalid values together with values that only production refuses', () => {
    const environment = { ...good(), PORT: 'http', DATABASE_URL: 'postgres://auth:changeme@db/auth' };
    expect(() => parseEnvironment(schema, environment)).toThrow(
      /^PORT .*\nDATABASE_URL has a value that is not allowed in production/,
    );
  });

  it('never prints a value', () => {
    const marker = 'Zq81LkPw';
    const environment = {
      NODE_ENV: marker,
      LOG_LEVEL: marker,
      DATABASE_URL: `postgres//auth:${marker}@db/auth`,
      REDIS_URL: `redis:/:${marker}@cache`,
      FIELD_ENCRYPTION_KEY: marker,
      PORT: marker,
      MANAGEMENT_PORT: `9464${marker}`,
      SENTRY_DSN: marker,
    };
    expect.assertions(2);
    try {
      parseEnvironment(schema, environment);
    } catch (error) {
      expect(error).toHaveProperty('lines.length', Object.keys(environment).length);
      expect(JSON.stringify(error) + String(error)).not.toContain(marker);
    }
  });

  it('prints the message of a rule that an app adds', () => {
    const even = port.refine((value) => value % 2 === 0, { error: 'Must be even.' });
    expect(linesFor(even, '3')).toEqual(['IT is not valid. Must be even.']);
    const silent = port.refine((value) => value % 2 === 0);
    expect(linesFor(silent, '3')).toEqual(['IT is not valid. Expected a port, a whole number from 0 to 65535.']);
    expect(linesFor(even, 'x')).toEqual(['IT is not valid. Expected a port, a whole number from 0 to 65535.']);
  });

  it('names the variable that a rule over several variables reports', () => {
    const both = z.object({ A: z.string(), B: z.string().optional() }).refine(({ B }) => B !== undefined, {
      path: ['B'],
      error: 'Needed beside A.',
    });
    expect(() => parseEnvironment(both, { A: '1', B: '' })).toThrow(
      new ConfigurationError(['B is missing. Needed beside A.']),
    );
  });
});

describe('readEnvironment', () => {
  const library = resolve(__dirname, '../../../dist/libs/config/src/index.js');
  const program = `
    const { readEnvironment, port, secret } = require(${JSON.stringify(library)});
    const { z } = require('zod');
    const { PORT } = readEnvironment(z.object({ PORT: port, SESSION_SECRET: secret() }));
    console.log('started on', PORT);
    setInterval(() => {}, 1000);`;
  const start = (env: Record<string, string>) =>
    spawnSync(process.execPath, ['-e', program], { env, cwd: __dirname, encoding: 'utf8', timeout: 20_000 });

  it('ends the process at once with one line per bad variable', () => {
    const { status, stdout, stderr } = start({ PORT: '99999', SESSION_SECRET: 'hunter2' });
    expect(stderr.split('\n')).toEqual([
      'PORT is not valid. Expected a port, a whole number from 0 to 65535.',
      'SESSION_SECRET is not valid. Expected a secret of at least 32 characters. To create one, run: openssl rand -base64 32',
      '',
    ]);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
