import { logger, metrics } from '#libs/observability';
import { AuthConfig } from '../../config';
import { publicUrl } from '../../../test/auth';
import { sha1, startRangeServer, type RangeServer } from '../../../test/range-server';
import { BreachedPasswords } from './breached-passwords';

const variables = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://localhost/auth',
  REDIS_URL: 'redis://localhost',
  PUBLIC_URL: publicUrl,
  FIELD_ENCRYPTION_KEY: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
};
const configWith = (more: Readonly<Record<string, string>>) => AuthConfig.of({ ...variables, ...more });

let range: RangeServer;
let breached: BreachedPasswords;
beforeAll(async () => (range = await startRangeServer()));
beforeEach(() => {
  range.requests.length = 0;
  range.answer = undefined;
  breached = new BreachedPasswords(configWith({ BREACHED_PASSWORDS_URL: range.url }));
});

async function counted(outcome: string): Promise<number> {
  const { values } = (await metrics.getSingleMetric('breached_password_checks_total')?.get()) ?? { values: [] };
  return values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
}

describe('a password', () => {
  it('is found and counted if it was breached', async () => {
    range.leaked.set('a leaked password', 3);
    const before = await counted('breached');
    expect(await breached.includes('a leaked password')).toBe(true);
    expect(await counted('breached')).toBe(before + 1);
  });

  it('is not found if only its neighbors were breached', async () => {
    const before = await counted('clean');
    expect(await breached.includes('never seen anywhere')).toBe(false);
    expect(await counted('clean')).toBe(before + 1);
  });

  it('is not found through a padding entry', async () => {
    range.leaked.set('a padded password', 0);
    expect(await breached.includes('a padded password')).toBe(false);
  });

  it('is looked up by five hex digits, and nothing else leaves the process', async () => {
    await breached.includes('a secret of ours');
    const [request] = range.requests;
    expect(range.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: 'GET', url: `/range/${sha1('a secret of ours').slice(0, 5)}` });
    expect(request?.headers).toMatchObject({ 'add-padding': 'true' });
    expect(JSON.stringify(request?.rawHeaders).toUpperCase()).not.toContain(sha1('a secret of ours').slice(5, 12));
  });
});

describe('it passes and counts as failed if the service', () => {
  const failures: Record<string, RangeServer['answer']> = {
    'answers 500': (_request, response) => response.writeHead(500).end('no'),
    'answers 404': (_request, response) => response.writeHead(404).end(`${sha1('x').slice(5)}:1`),
    'answers garbage': (_request, response) => response.end('<html>It works!</html>'),
    'answers bytes that are not UTF-8': (_request, response) =>
      response.end(Buffer.from(`${sha1('x').slice(5)}:1\r\n\xe9`, 'latin1')),
    'ends within a character': (_request, response) =>
      response.end(Buffer.from(`${sha1('x').slice(5)}:1\r\n\xe2\x82`, 'latin1')),
    'answers more than anybody needs': (_request, response) => {
      const more = () => {
        while (response.write(`${sha1('x').slice(5)}:1\r\n`.repeat(1_000))) if (response.destroyed) return;
      };
      response.on('drain', more);
      more();
    },
    'sends elsewhere': (request, response) => {
      const target = request.url?.startsWith('/range/') === true ? '/elsewhere' : '';
      if (target === '') response.end(`${sha1('a leaked password').slice(5)}:9`);
      else response.writeHead(302, { location: target }).end();
    },
    'hangs up': (_request, response) => response.destroy(),
  };

  it.each(Object.entries(failures))('%s', async (_what, answer) => {
    range.answer = answer;
    const before = await counted('failed');
    expect(await breached.includes('a leaked password')).toBe(false);
    expect(await counted('failed')).toBe(before + 1);
    expect(range.requests).toHaveLength(1);
  });

  const silences: Record<string, RangeServer['answer']> = {
    'does not respond': () => undefined,
    'starts to respond': (_request, response) => void response.write(`${sha1('x').slice(5)}:1\r\n`),
  };

  it.each(Object.entries(silences))('%s, after a limited wait', async (_what, answer) => {
    range.answer = answer;
    const before = await counted('failed');
    const startedAt = performance.now();
    expect(await breached.includes('a leaked password')).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(await counted('failed')).toBe(before + 1);
  });

  it('has too many requests, and the others do not wait', async () => {
    range.answer = () => undefined;
    const many = Array.from({ length: 40 }, (_, index) => breached.includes(`password number ${index}`));
    expect(new Set(await Promise.all(many))).toEqual(new Set([false]));
    expect(range.requests.length).toBeLessThanOrEqual(32);
  });

  it('fails, with at most one warning a minute that names no password', async () => {
    const warn = jest.spyOn(logger(), 'warn').mockImplementation(() => undefined);
    range.answer = failures['answers 500'];
    for (let time = 0; time < 3; time++) await breached.includes('a password of ours');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(warn.mock.calls)).not.toContain('a password of ours');
    const later = performance.now() + 60_000;
    jest.spyOn(performance, 'now').mockReturnValue(later);
    await breached.includes('a password of ours');
    expect(warn).toHaveBeenCalledTimes(2);
    jest.restoreAllMocks();
  });
});

describe('BREACHED_PASSWORDS_URL', () => {
  const secret = { FIELD_ENCRYPTION_KEY: 'dGhpcyBrZXkgaXMgb25seSBmb3IgdGVzdHMgaW4gaGU=' };
  it('is Have I Been Pwned in production, and off elsewhere', () => {
    expect(configWith({ NODE_ENV: 'production', ...secret }).breachedPasswordsUrl).toBe(
      'https://api.pwnedpasswords.com/range/',
    );
    expect(configWith({ NODE_ENV: 'development' }).breachedPasswordsUrl).toBeNull();
    expect(configWith({}).breachedPasswordsUrl).toBeNull();
  });

  it('can be off or another service', () => {
    const off = configWith({ NODE_ENV: 'production', BREACHED_PASSWORDS_URL: 'off', ...secret });
    expect(off.breachedPasswordsUrl).toBeNull();
    for (const url of ['http://pwned.internal/range', 'http://pwned.internal/range/']) {
      expect(configWith({ BREACHED_PASSWORDS_URL: url }).breachedPasswordsUrl).toBe('http://pwned.internal/range/');
    }
  });

  it.each(['no', 'ftp://pwned.internal/', 'https://me:secret@pwned.internal/', 'https://pwned.internal/?range='])(
    'refuses %s',
    (url) => expect(() => configWith({ BREACHED_PASSWORDS_URL: url })).toThrow(/BREACHED_PASSWORDS_URL is not valid/),
  );

  it('sends no request if it is off', async () => {
    expect(await new BreachedPasswords(configWith({})).includes('a leaked password')).toBe(false);
    expect(range.requests).toEqual([]);
  });
});
