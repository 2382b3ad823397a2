import { ProblemError } from '#libs/contracts';
import { hash as argon2, argon2d } from 'argon2';
import { PasswordHasher, type PasswordHasherOptions } from './password-hasher';

/** Too weak for anything but tests. */
const weak = { memoryKiB: 64, iterations: 1, lanes: 1 };
const weakHasher = (options: Partial<PasswordHasherOptions> = {}) => new PasswordHasher({ ...weak, ...options });
const wrong = { matches: false, needsRehash: false };

describe('PasswordHasher', () => {
  const hasher = weakHasher();

  it('hashes with Argon2id and the parameters that OWASP recommends', async () => {
    expect(await new PasswordHasher().hash('correct horse')).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  it('accepts the right password and no other', async () => {
    const encoded = await hasher.hash('correct horse 🐎');
    expect(await hasher.verify(encoded, 'correct horse 🐎')).toEqual({ matches: true, needsRehash: false });
    for (const other of ['', 'correct horse', 'Correct horse 🐎', 'correct horse 🐎 ', 'correct horse 🐎\0', encoded]) {
      expect(await hasher.verify(encoded, other)).toEqual(wrong);
    }
  });

  it('uses a random salt, so the same password never has the same hash', async () => {
    expect(await hasher.hash('a')).not.toBe(await hasher.hash('a'));
  });

  it('verifies a hash of the Argon2 reference implementation', async () => {
    // The Argon2id vector of its test suite: m=65536, t=2, p=1, "password" and "somesalt".
    const encoded = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await hasher.verify(encoded, 'password')).toEqual({ matches: true, needsRehash: true });
    expect(await hasher.verify(encoded, 'passwore')).toEqual(wrong);
  });

  it('requests a new hash after a change of parameters, but only for the right password', async () => {
    const encoded = await hasher.hash('correct horse');
    for (const stronger of [{ memoryKiB: 128 }, { iterations: 2 }, { memoryKiB: 128, lanes: 2 }]) {
      const raised = weakHasher(stronger);
      expect(await raised.verify(encoded, 'correct horse')).toEqual({ matches: true, needsRehash: true });
      expect(await raised.verify(encoded, 'wrong horse')).toEqual(wrong);
    }
  });

  it('treats an unreadable hash like a wrong password, with the same amount of work', async () => {
    const encoded = await hasher.hash('a');
    const damaged = [
      '',
      'a',
      '$argon2id$',
      encoded.slice(0, -1),
      encoded.slice(1),
      `${encoded}A`,
      `${encoded}\n`,
      encoded.replace('argon2id', 'argon2'),
      encoded.replace('v=19', 'v=16'),
      encoded.replace('m=64', 'm=4'),
      encoded.replace('m=64', 'm=064'),
      encoded.replace('m=64', 'm=4294967295'),
      encoded.replace('t=1', 't=0'),
      encoded.replace('t=1', 't=4294967295'),
      encoded.replace('p=1', 'p=16777215'),
      await argon2('a', { type: argon2d, memoryCost: 64, timeCost: 1, parallelism: 1 }),
      '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
      '$'.repeat(1_000_000),
      `$argon2id$v=19$m=64,t=1,p=1$${'A'.repeat(1_000_000)}`,
    ];
    const before = hasher.hashesRun;
    for (const text of damaged) expect(await hasher.verify(text, 'a')).toEqual(wrong);
    expect(hasher.hashesRun - before).toBe(damaged.length);
  });

  it('does the same work for an account that does not exist', async () => {
    const encoded = await hasher.hash('a');
    const before = hasher.hashesRun;
    await hasher.verify(encoded, 'b');
    await hasher.verify(null, 'b');
    expect(hasher.hashesRun - before).toBe(2);
  });

  it('accepts hostile passwords', async () => {
    for (const password of ['', '\0', '\uD800', 'x'.repeat(100_000), '$argon2id$v=19$m=1,t=1,p=1$$']) {
      expect(await hasher.verify(await hasher.hash(password), password)).toMatchObject({ matches: true });
    }
  });
});

describe('a flood of hashes', () => {
  const outcome = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'served',
      (error: unknown) => error,
    );

  it('runs as many at once as allowed, queues some and refuses the rest at once', async () => {
    const hasher = weakHasher({ concurrency: 2, maxWaiting: 3, memoryKiB: 8_192 });
    const settled: string[] = [];
    const attempts = Array.from({ length: 10 }, (_, index) =>
      outcome(hasher.hash('a')).then((result) => {
        settled.push(result === 'served' ? 'served' : 'refused');
        return [index, result] as const;
      }),
    );
    const outcomes = await Promise.all(attempts);
    expect(outcomes.filter(([, result]) => result === 'served').map(([index]) => index)).toEqual([0, 1, 2, 3, 4]);
    for (const [, refusal] of outcomes.slice(5)) {
      expect(refusal).toBeInstanceOf(ProblemError);
      expect(refusal).toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 });
    }
    expect(settled).toEqual([...Array(5).fill('refused'), ...Array(5).fill('served')]);
    expect(hasher.hashesRun).toBe(5);
  });

  it('refuses callers that waited longer than their timeout, and serves the next one', async () => {
    const hasher = weakHasher({ concurrency: 1, maxWaitMs: -1 });
    const attempts = [hasher.hash('a'), hasher.hash('b'), hasher.hash('c')].map(outcome);
    expect((await Promise.all(attempts)).map((result) => result === 'served')).toEqual([true, false, false]);
    expect(hasher.hashesRun).toBe(1);
    expect(await outcome(hasher.hash('d'))).toBe('served');
  });

  it('serves everyone again after the flood', async () => {
    const hasher = weakHasher({ concurrency: 2, maxWaiting: 1 });
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => outcome(hasher.hash('a'))));
      expect(outcomes.filter((result) => result === 'served')).toHaveLength(3);
    }
    expect(hasher.hashesRun).toBe(60);
  });

  it('frees its slot when a computation fails', async () => {
    const hasher = weakHasher({ concurrency: 1, memoryKiB: 1 });
    const encoded = await weakHasher().hash('a');
    await expect(hasher.hash('a')).rejects.toThrow();
    expect(await hasher.verify(encoded, 'a')).toMatchObject({ matches: true });
  });
});
