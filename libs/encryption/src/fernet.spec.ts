import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import generateVectors from './fixtures/generate.json';
import invalidVectors from './fixtures/invalid.json';
import python from './fixtures/python.json';
import verifyVectors from './fixtures/verify.json';
import { Fernet, parseFieldEncryptionKeys } from './fernet';
import { FernetError, parseFernetKey, sealToken } from './fernet-token';

const newKey = () => `${randomBytes(32).toString('base64url')}=`;
const secondsOf = (time: string) => BigInt(Date.parse(time) / 1000);

afterEach(() => jest.useRealTimers());

function setClock(time: string | number): void {
  jest.useFakeTimers({ now: new Date(time), doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'performance'] });
}

/** Returns random numbers below a limit, the same in every run (mulberry32). */
function seeded(seed: number): (limit: number) => number {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

function reasonOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof FernetError) return error.reason;
    throw error;
  }
}

describe('test vectors of the specification', () => {
  it.each(generateVectors)('generates the token of $src', ({ token, now, iv, src, secret }) => {
    expect(sealToken(parseFernetKey(secret), Buffer.from(src), Buffer.from(iv), secondsOf(now))).toBe(token);
  });

  it.each(verifyVectors)('verifies the token of $src', ({ token, now, ttl_sec, src, secret }) => {
    setClock(now);
    expect(new Fernet([secret]).decrypt(token, { ttlSeconds: ttl_sec })).toBe(src);
  });

  it.each(invalidVectors)('refuses an invalid token: $desc', ({ desc, token, now, ttl_sec, secret }) => {
    setClock(now);
    const reason = reasonOf(() => new Fernet([secret]).decrypt(token, { ttlSeconds: ttl_sec }));
    expect(reason).toBe(
      { 'incorrect mac': 'not_authentic', 'expired TTL': 'expired' }[desc] ??
        (desc.startsWith('far-future') ? 'from_the_future' : 'malformed'),
    );
  });
});

describe("tokens made by Python's cryptography", () => {
  const fernet = new Fernet(python.keys);

  it.each(python.underFirst)('are decrypted with the first key of a MultiFernet: $text', ({ text, token }) => {
    expect(fernet.decrypt(token)).toBe(text);
    expect(fernet.isCurrent(token)).toBe(true);
  });

  it.each(python.underSecond)('are decrypted with an older key: $text', ({ text, token }) => {
    expect(fernet.decrypt(token)).toBe(text);
    expect(fernet.isCurrent(token)).toBe(false);
  });

  it('are refused if their key is not in the list', () => {
    expect(reasonOf(() => fernet.decrypt(python.underNeither))).toBe('not_authentic');
  });
});

describe('Fernet', () => {
  const key = newKey();
  const fernet = new Fernet([key]);

  it('returns every text unchanged, from a different token each time', () => {
    const random = seeded(1);
    for (let length = 0; length < 200; length++) {
      const text = Array.from({ length }, () => String.fromCodePoint(random(0xd800))).join('');
      const tokens = [fernet.encrypt(text), fernet.encrypt(text)];
      expect(tokens.map((token) => fernet.decrypt(token))).toEqual([text, text]);
      expect(tokens[0]).not.toBe(tokens[1]);
    }
  });

  it('refuses a token with any single bit flipped', () => {
    const bytes = Buffer.from(fernet.encrypt('hello'), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const tampered = Buffer.from(bytes);
      tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const token = tampered.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      expect(['malformed', 'not_authentic']).toContain(reasonOf(() => fernet.decrypt(token)));
    }
  });

  it('refuses a token with any character changed, dropped or doubled', () => {
    const token = fernet.encrypt('hello');
    const changes = (at: number) => [
      token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1),
      token.slice(0, at) + token.slice(at + 1),
      token.slice(0, at + 1) + token.slice(at),
    ];
    const changed = Array.from(token, (_, at) => changes(at)).flat();
    for (const text of changed) expect(reasonOf(() => fernet.decrypt(text))).toBeDefined();
  });

  it('accepts only the canonical base64url encoding', () => {
    const token = fernet.encrypt('a text whose token has both signs, sooner or later'.repeat(9));
    const foreign = [
      token.replaceAll('-', '+').replaceAll('_', '/'),
      token.replaceAll('=', ''),
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      `${token}\0`,
      token.replace(/(.{64})/, '$1\n'),
    ];
    for (const text of foreign) expect(reasonOf(() => fernet.decrypt(text))).toBe('malformed');
  });

  it('refuses texts that are not tokens', () => {
    const random = seeded(2);
    const hostile = ['', '=', '====', 'gAAAAA', 'null', '\u0000', '💥'.repeat(50), 'A'.repeat(1_000_000)];
    for (let i = 0; i < 500; i++) {
      hostile.push(Buffer.from(Array.from({ length: random(200) }, () => random(256))).toString('base64url'));
    }
    for (const text of hostile) expect(reasonOf(() => fernet.decrypt(text))).toBe('malformed');
  });

  it('refuses tokens of an invalid length before it tries any key', () => {
    for (let length = 0; length < 120; length++) {
      const token = Buffer.alloc(length, 0x80).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      const isToken = length >= 73 && (length - 73) % 16 === 0;
      expect([length, reasonOf(() => fernet.isCurrent(token))]).toEqual([length, isToken ? undefined : 'malformed']);
    }
  });

  it('checks the age of a token only on request, with one minute of leeway for clock differences', () => {
    setClock('2026-01-01T00:00:00Z');
    const token = fernet.encrypt('hello');
    setClock('2026-01-01T00:01:00Z');
    expect(fernet.decrypt(token, { ttlSeconds: 60 })).toBe('hello');
    setClock('2026-01-01T00:01:01Z');
    expect(reasonOf(() => fernet.decrypt(token, { ttlSeconds: 60 }))).toBe('expired');
    setClock('2025-12-31T23:59:00Z');
    expect(fernet.decrypt(token, { ttlSeconds: 60 })).toBe('hello');
    setClock('2025-12-31T23:58:59Z');
    expect(reasonOf(() => fernet.decrypt(token, { ttlSeconds: 60 }))).toBe('from_the_future');
    expect(fernet.decrypt(token)).toBe('hello');
  });

  it('reports expiry only for an authentic token', () => {
    setClock(0);
    const token = new Fernet([newKey()]).encrypt('hello');
    jest.useRealTimers();
    expect(reasonOf(() => fernet.decrypt(token, { ttlSeconds: 1 }))).toBe('not_authentic');
  });

  it('hides its keys from logs', () => {
    const shown = inspect(fernet, { depth: 9, showHidden: true }) + JSON.stringify(fernet) + String(fernet);
    expect(shown).not.toContain(key.slice(0, 12));
    expect(shown).not.toContain(Buffer.from(key, 'base64url').toString('hex').slice(0, 12));
  });

  it('puts no key, token or plaintext into its errors', () => {
    const token = new Fernet([newKey()]).encrypt('plaintext');
    const attempts = [() => fernet.decrypt(token), () => fernet.decrypt(`x${token}`), () => new Fernet(['not-a-key'])];
    for (const attempt of attempts) {
      expect(attempt).toThrow(FernetError);
      expect(attempt).toThrow(expect.objectContaining({ name: 'FernetError' }));
      expect(attempt).not.toThrow(new RegExp(`${token}|not-a-key|plaintext`));
    }
  });
});

describe('key rotation', () => {
  const [older, newer] = [newKey(), newKey()];
  const before = new Fernet([older]);
  const during = new Fernet([newer, older]);
  const after = new Fernet([newer]);

  it('encrypts with the first key and decrypts with each', () => {
    expect(during.decrypt(before.encrypt('hello'))).toBe('hello');
    expect(after.decrypt(during.encrypt('hello'))).toBe('hello');
    expect(reasonOf(() => before.decrypt(during.encrypt('hello')))).toBe('not_authentic');
  });

  it('rotates a token to the first key and keeps its time', () => {
    setClock('2026-01-01T00:00:00Z');
    const token = before.encrypt('hello');
    setClock('2026-01-01T01:00:00Z');
    const rotated = during.rotate(token);
    expect(after.decrypt(rotated)).toBe('hello');
    expect([during.isCurrent(token), during.isCurrent(rotated)]).toEqual([false, true]);
    expect(reasonOf(() => after.decrypt(rotated, { ttlSeconds: 3599 }))).toBe('expired');
  });

  it('refuses to rotate or accept a token that no key opens', () => {
    expect(reasonOf(() => after.rotate(before.encrypt('hello')))).toBe('not_authentic');
    expect(reasonOf(() => after.isCurrent('no token'))).toBe('malformed');
  });
});

describe('FIELD_ENCRYPTION_KEY', () => {
  it('is a comma-separated list', () => {
    const keys = [newKey(), newKey()];
    expect(parseFieldEncryptionKeys(keys.join(' , '))).toEqual(keys);
    expect(new Fernet(parseFieldEncryptionKeys(`${keys.join(',')}\n`)).decrypt(new Fernet(keys).encrypt('a'))).toBe(
      'a',
    );
  });

  it.each([
    '',
    ',',
    `${newKey()},`,
    newKey().slice(0, -1),
    `${newKey()}=`,
    `${'+'.repeat(43)}=`,
    `${'A'.repeat(42)}B=`,
  ])('refuses %j', (text) => expect(reasonOf(() => new Fernet(parseFieldEncryptionKeys(text)))).toBe('invalid_key'));

  it('is required', () => expect(reasonOf(() => new Fernet([]))).toBe('invalid_key'));
});
