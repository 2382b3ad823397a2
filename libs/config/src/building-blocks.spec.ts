import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  boolean,
  ConfigurationError,
  displayText,
  fernetKeys,
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

const inProductionLines = (schema: z.ZodType, value: string | undefined) =>
  linesFor(schema, value, { NODE_ENV: 'production' });

const valueOf = (schema: z.ZodType, value: string) =>
  parseEnvironment(z.object({ IT: schema }), { NODE_ENV: 'test', IT: value })['IT'];

const goodSecret = () => randomBytes(32).toString('base64');
const goodFernetKey = () => goodSecret().replaceAll('+', '-').replaceAll('/', '_');

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
    ['displayText', displayText(64), 'Acme: Portal', 'Acme: Portal'],
    ['redisUrl', redisUrl, 'redis://127.0.0.1:6379/2', 'redis://127.0.0.1:6379/2'],
    ['redisUrl', redisUrl, 'redis+sentinel://:pw@a:1,b:2/main/0', 'redis+sentinel://:pw@a:1,b:2/main/0'],
    ['redisUrl', redisUrl, 'rediss+cluster://a:1,b:2', 'rediss+cluster://a:1,b:2'],
  ])('reads a valid %s', (_name, schema, text, value) => {
    expect(valueOf(schema, text)).toEqual(value);
  });

  it.each([
    ['port', port, ['65536', '-1', '80.0', '8e1', '0x50', '٨٠', '80 80', 'Infinity', '9'.repeat(400)]],
    ['integer', integer({ min: 1, max: 9 }), ['0', '10', '', '1.5', '--1', '+1', '１']],
    ['seconds', seconds({ max: 60 }), ['0', '61', '5s', '1e1']],
    ['boolean', boolean, ['maybe', 'truee', '2', 'null']],
    ['list', list, [',', 'a,,b', 'a,']],
    ['url', url('https'), ['http://a', 'https//a', 'javascript:alert(1)', 'https:', 'xhttps://a', 'https s://a']],
    ['publicUrl', publicUrl, ['https://a?x=1', 'https://a/#x', 'https://u:p@a', 'https://a\\b', 'ftp://a']],
    ['displayText', displayText(4), ['Acme1', 'A\nB', 'A\0', 'A\u2028B', 'A\ufffd', '\ud800']],
    ['url', url('redis+x'), ['rediss+x://a', 'redisx://a']],
    [
      'redisUrl',
      redisUrl,
      ['redis://', 'http://a', 'redis:///0', 'redis+other://a', 'redis://a b', 'redis+sentinel:a'],
    ],
    ['secret', secret(), ['short', 'x'.repeat(70_000)]],
    ['fernetKeys', fernetKeys, ['', 'A'.repeat(43), `${'+'.repeat(43)}=`, `${'A'.repeat(43)}=,`, ',']],
  ])('refuses an invalid %s', (_name, schema, texts) => {
    for (const text of texts) expect(linesFor(schema, text)).toHaveLength(1);
  });

  it('checks a very long hostile value quickly', () => {
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
  )('refuses the guessable secret %s', (text) => {
    expect(linesFor(secret(), text)).toEqual([]);
    expect(inProductionLines(secret(), text)).toEqual([
      'IT has a value that is not allowed in production. The value is a placeholder, too short, or easy to guess. To create one, run: openssl rand -base64 32',
    ]);
  });

  it('accepts random secrets and keys', () => {
    for (let i = 0; i < 500; i++) {
      expect(inProductionLines(secret(), goodSecret())).toEqual([]);
      expect(inProductionLines(fernetKeys, `${goodFernetKey()}, ${goodFernetKey()}`)).toEqual([]);
    }
  });

  it('refuses a published Fernet key, also after a good one', () => {
    const published = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
    expect(inProductionLines(fernetKeys, `${goodFernetKey()},${published}`)).toHaveLength(1);
    expect(inProductionLines(fernetKeys, `${'A'.repeat(43)}=`)).toHaveLength(1);
  });

  it('refuses a guessable password in a URL, but not a URL without a password', () => {
    expect(inProductionLines(url('postgres'), 'postgres://app:postgres@db/app')).toHaveLength(1);
    expect(inProductionLines(redisUrl, 'redis+sentinel://:changeme@a:1,b:2/main')).toHaveLength(1);
    expect(inProductionLines(redisUrl, 'redis://cache:6379')).toEqual([]);
    expect(inProductionLines(url('postgres'), 'postgres://app@db:5432/app')).toEqual([]);
  });

  it('refuses a public URL without https', () => {
    expect(inProductionLines(publicUrl, 'http://app.acme.test')).toEqual([
      'IT has a value that is not allowed in production. It must start with https://.',
    ]);
  });

  it('lets an app require an optional variable', () => {
    const trustProxy = inProduction(z.string().optional(), (text) =>
      text === undefined ? 'Say whom to trust.' : undefined,
    );
    expect(linesFor(trustProxy, undefined)).toEqual([]);
    expect(inProductionLines(trustProxy, undefined)).toEqual(['IT is required in production. Say whom to trust.']);
    expect(inProductionLines(trustProxy, '10.0.0.0/8')).toEqual([]);
  });

  it('applies the rules when NODE_ENV is missing or misspelled', () => {
    for (const NODE_ENV of [undefined, '', 'prod', 'Development']) {
      expect(linesFor(secret(), 'x'.repeat(40), { NODE_ENV })).toHaveLength(1);
    }
  });
});
