import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  boolean,
  commonEnvironment,
  ConfigurationError,
  fernetKeys,
  fieldEncryptionEnvironment,
  inProduction,
  integer,
  list,
  parseEnvironment,
  port,
  publicUrl,
  redisUrl,
  seconds,
  secret,
  url,
  type Environment,
} from './index';

/** The lines for one variable, in development unless the environment says otherwise. */
function linesFor(schema: z.ZodType, value: string | undefined, environment: Environment = { NODE_ENV: 'test' }) {
  try {
    parseEnvironment(z.object({ IT: schema }), { ...environment, IT: value });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.lines;
  }
}

const inProductionLines = (schema: z.ZodType, value: string | undefined) =>
  linesFor(schema, value, { NODE_ENV: 'production' });

const valueOf = (schema: z.ZodType, value: string) =>
  parseEnvironment(z.object({ IT: schema }), { NODE_ENV: 'test', IT: value })['IT'];

const goodSecret = () => randomBytes(32).toString('base64');
const goodFernetKey = () => goodSecret().replaceAll('+', '-').replaceAll('/', '_');

describe('parseEnvironment', () => {
  const schema = z.object({ ...commonEnvironment, ...fieldEncryptionEnvironment, PORT: port.default(3000) });
  const good = () => ({
    DATABASE_URL: 'postgres://auth:Xk29vTqL0w@db.internal:5432/auth',
    REDIS_URL: 'rediss://:Xk29vTqL0w@cache.internal:6380',
    FIELD_ENCRYPTION_KEY: goodFernetKey(),
  });

  it('gives typed values, with defaults for what is not set', () => {
    expect(parseEnvironment(schema, { ...good(), PORT: '8080', SHUTDOWN_TIMEOUT: '25' })).toMatchObject({
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      DATABASE_POOL_SIZE: 10,
      MANAGEMENT_HOST: '127.0.0.1',
      PORT: 8080,
      SHUTDOWN_TIMEOUT: 25,
    });
  });

  it('takes an empty variable for one that is not set, and drops the line end of a file', () => {
    const { SENTRY_DSN, PORT, DATABASE_URL } = parseEnvironment(schema, {
      ...good(),
      SENTRY_DSN: '',
      PORT: ' \t',
      DATABASE_URL: 'postgres://db/auth\n',
    });
    expect([SENTRY_DSN, PORT, DATABASE_URL]).toEqual([undefined, 3000, 'postgres://db/auth']);
  });

  it('names every bad variable in one line, with what is wrong and what helps', () => {
    const environment = { NODE_ENV: 'prod', DATABASE_URL: 'mysql://db/auth', DATABASE_POOL_SIZE: '0', REDIS_URL: '' };
    const failure = expect(() => parseEnvironment(schema, environment));
    failure.toThrow(
      new ConfigurationError([
        'NODE_ENV is not valid. Expected one of production, development, test.',
        'DATABASE_URL is not valid. Expected a URL that begins with postgres:// or postgresql://.',
        'DATABASE_POOL_SIZE is not valid. Expected a whole number from 1 to 1000.',
        'REDIS_URL is missing. Expected a URL that begins with redis://, rediss://, redis+sentinel:// or redis+cluster://.',
        'FIELD_ENCRYPTION_KEY is missing. Expected Fernet keys (32 bytes in base64url) separated by commas, the newest first.' +
          " Make one: openssl rand -base64 32 | tr '+/' '-_'",
      ]),
    );
  });

  it('reports what does not parse together with what only production refuses', () => {
    const environment = { ...good(), PORT: 'http', DATABASE_URL: 'postgres://auth:changeme@db/auth' };
    expect(() => parseEnvironment(schema, environment)).toThrow(/^PORT .*\nDATABASE_URL is refused in production/);
  });

  it('never repeats a value', () => {
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

  it('shows the message of a rule that an app adds', () => {
    const even = port.refine((value) => value % 2 === 0, { error: 'Must be even.' });
    expect(linesFor(even, '3')).toEqual(['IT is not valid. Must be even.']);
    const silent = port.refine((value) => value % 2 === 0);
    expect(linesFor(silent, '3')).toEqual(['IT is not valid. Expected a port, a whole number from 0 to 65535.']);
    expect(linesFor(even, 'x')).toEqual(['IT is not valid. Expected a port, a whole number from 0 to 65535.']);
  });

  it('names the variable that a rule over several ones blames', () => {
    const both = z.object({ A: z.string(), B: z.string().optional() }).refine(({ B }) => B !== undefined, {
      path: ['B'],
      error: 'Needed beside A.',
    });
    expect(() => parseEnvironment(both, { A: '1', B: '' })).toThrow(
      new ConfigurationError(['B is missing. Needed beside A.']),
    );
  });
});

describe('the building blocks', () => {
  it.each([
    ['port', port, '0', 0],
    ['port', port, '65535', 65535],
    ['integer', integer({ min: -5, max: 5 }), '-5', -5],
    ['seconds', seconds(), '90', 90],
    ['boolean', boolean, 'TRUE', true],
    ['boolean', boolean, '0', false],
    ['list', list, ' a, b ,c', ['a', 'b', 'c']],
    ['url', url('smtp', 'smtps'), 'smtps://u:p@mail:465', 'smtps://u:p@mail:465'],
    ['publicUrl', publicUrl, 'http://localhost:3000/', 'http://localhost:3000'],
    ['redisUrl', redisUrl, 'redis://127.0.0.1:6379/2', 'redis://127.0.0.1:6379/2'],
    ['redisUrl', redisUrl, 'redis+sentinel://:pw@a:1,b:2/main/0', 'redis+sentinel://:pw@a:1,b:2/main/0'],
    ['redisUrl', redisUrl, 'rediss+cluster://a:1,b:2', 'rediss+cluster://a:1,b:2'],
  ])('%s reads a good value', (_name, schema, text, value) => {
    expect(valueOf(schema, text)).toEqual(value);
  });

  it.each([
    ['port', port, ['65536', '-1', '80.0', '8e1', '0x50', '٨٠', '80 80', 'Infinity', '9'.repeat(400)]],
    ['integer', integer({ min: 1, max: 9 }), ['0', '10', '', '1.5', '--1', '+1', '１']],
    ['seconds', seconds({ max: 60 }), ['0', '61', '5s', '1e1']],
    ['boolean', boolean, ['maybe', 'truee', '2', 'null']],
    ['list', list, [',', 'a,,b', 'a,']],
    ['url', url('https'), ['http://a', 'https//a', 'javascript:alert(1)', 'https:', 'xhttps://a', 'https s://a']],
    ['url', url('redis+x'), ['rediss+x://a', 'redisx://a']],
    [
      'redisUrl',
      redisUrl,
      ['redis://', 'http://a', 'redis:///0', 'redis+other://a', 'redis://a b', 'redis+sentinel:a'],
    ],
    ['secret', secret(), ['short', 'x'.repeat(70_000)]],
    ['fernetKeys', fernetKeys, ['', `${'A'.repeat(43)}`, `${'+'.repeat(43)}=`, `${'A'.repeat(43)}=,`, ',']],
  ])('%s refuses what is not one', (_name, schema, texts) => {
    for (const text of texts) expect(linesFor(schema, text)).toHaveLength(1);
  });

  it('judges a very long hostile value at once', () => {
    const hostile = [
      'a'.repeat(1_000_000),
      `${'A'.repeat(43)}=,`.repeat(20_000),
      ':'.repeat(1_000_000),
      ' ,'.repeat(500_000),
    ];
    for (const schema of [port, boolean, url('https'), redisUrl, secret(), fernetKeys]) {
      for (const text of hostile) expect(linesFor(schema, `${text}!`, {})).toHaveLength(1);
    }
  });
});

describe('in production', () => {
  it.each(
    [
      'changeme-changeme-changeme-changeme',
      'please-change-me-before-you-deploy-this',
      'a-secret-of-at-least-thirty-two-characters',
      'x'.repeat(40),
      'abc'.repeat(12),
      '0123456789abcdef0123456789abcdef',
      Buffer.alloc(32).toString('base64'),
      Buffer.from('changemechangemechangemechangeme').toString('base64'),
      Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64'),
    ].map((text) => [text]),
  )('the secret %s is refused', (text) => {
    expect(linesFor(secret(), text)).toEqual([]);
    expect(inProductionLines(secret(), text)).toEqual([
      'IT is refused in production. It is a placeholder, too short, or easy to guess. Make one: openssl rand -base64 32',
    ]);
  });

  it('random secrets and keys are taken', () => {
    for (let i = 0; i < 500; i++) {
      expect(inProductionLines(secret(), goodSecret())).toEqual([]);
      expect(inProductionLines(fernetKeys, `${goodFernetKey()}, ${goodFernetKey()}`)).toEqual([]);
    }
  });

  it('a published Fernet key is refused, also behind a good one', () => {
    const published = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
    expect(inProductionLines(fernetKeys, `${goodFernetKey()},${published}`)).toHaveLength(1);
    expect(inProductionLines(fernetKeys, `${'A'.repeat(43)}=`)).toHaveLength(1);
  });

  it('a guessable password in a URL is refused, and no password is not', () => {
    expect(inProductionLines(url('postgres'), 'postgres://app:postgres@db/app')).toHaveLength(1);
    expect(inProductionLines(redisUrl, 'redis+sentinel://:changeme@a:1,b:2/main')).toHaveLength(1);
    expect(inProductionLines(redisUrl, 'redis://cache:6379')).toEqual([]);
    expect(inProductionLines(url('postgres'), 'postgres://app@db:5432/app')).toEqual([]);
  });

  it('a public URL without https is refused', () => {
    expect(inProductionLines(publicUrl, 'http://app.acme.test')).toEqual([
      'IT is refused in production. It must begin with https://.',
    ]);
  });

  it('an app can insist on an optional variable', () => {
    const trustProxy = inProduction(z.string().optional(), (text) =>
      text === undefined ? 'Say whom to trust.' : undefined,
    );
    expect(linesFor(trustProxy, undefined)).toEqual([]);
    expect(inProductionLines(trustProxy, undefined)).toEqual(['IT is refused in production. Say whom to trust.']);
    expect(inProductionLines(trustProxy, '10.0.0.0/8')).toEqual([]);
  });

  it('the rules also hold when NODE_ENV is missing or misspelt', () => {
    for (const NODE_ENV of [undefined, '', 'prod', 'Development']) {
      expect(linesFor(secret(), 'x'.repeat(40), { NODE_ENV })).toHaveLength(1);
    }
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
      'SESSION_SECRET is not valid. Expected a secret of at least 32 characters. Make one: openssl rand -base64 32',
      '',
    ]);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
