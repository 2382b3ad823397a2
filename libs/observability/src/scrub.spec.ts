import { secrets } from './fixtures/secrets';
import { errorFields, safeFields } from './log-fields';
import { scrub } from './scrub';

describe('scrub', () => {
  it.each([
    ['postgres://groundwork:pa/ss@w0rd@db.internal:5432/auth', 'postgres://[redacted]@db.internal:5432/auth'],
    ['redis+sentinel://:pw@one:26379,two:26379/main/0', 'redis+sentinel://[redacted]@one:26379,two:26379/main/0'],
    ['/verify-email?token=abc&next=%2Fhome#top', '/verify-email?token=[redacted]&next=[redacted]#top'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: [redacted]'],
    ['set-cookie: a=b; HttpOnly\nnext line', 'set-cookie: [redacted]\nnext line'],
    ['{"newPassword":"a \\"quoted\\" one"}', '{"newPassword":[redacted]}'],
    ["password = 'two words', then", 'password = [redacted], then'],
    [`signed ${secrets.jwt}.`, 'signed [token].'],
    [`key ${'A1b2'.repeat(11)}=`, 'key [token]'],
    [`called by ${secrets.apiKey}.`, 'called by [token].'],
    ['cut at GW_LIVE_abc', 'cut at [token]'],
    ['as xgw_live_aaaaaaaaaa in one word', 'as x[token] in one word'],
    ['mail to Ädä.Lövelace+tag@exämple.co.uk failed', 'mail to [email] failed'],
    ['to=ada%40example.com', 'to=[email]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', '[key]'],
  ])('cleans %s', (text, clean) => expect(scrub(text)).toBe(clean));

  it('does not quote JSON that V8 could not parse', () => {
    const failure = (() => {
      try {
        return JSON.parse('hunter2-is-my-password {');
      } catch (error) {
        return String(error);
      }
    })();
    expect(failure).toContain('hunter2');
    expect(scrub(failure)).not.toContain('hunter2');
  });

  it.each([
    'request 0199c0de-7a3b-7000-8000-000000000000 took 12.5 ms',
    'duplicate key value violates unique constraint "user_email_key"',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'at PasswordResetService.consume (/app/dist/apps/auth/src/password-reset/password-reset.service.js:42:11)',
    'at Object.<anonymous> (/app/node_modules/@nestjs/core/router/router-execution-context.js:46:28)',
    'http://localhost:3000/api/v1/users/me',
    'trace 0af7651916cd43dd8448eb211c80319c',
    'pino@10.4.0',
  ])('keeps %s', (text) => expect(scrub(text)).toBe(text));

  it('truncates long texts', () => {
    expect(scrub('word '.repeat(100_000)).length).toBeLessThan(9_000);
  });
});

describe('errorFields and safeFields', () => {
  it('keep plain values of an object, but not instances or fields with secret names', () => {
    class User {
      readonly name = 'Ada';
    }
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const fields = {
      count: 1,
      big: 2n,
      on: new Date(0),
      user: new User(),
      bytes: Buffer.from('x'),
      apiKey: 'k',
      circular,
      run: () => 1,
    };
    expect(safeFields(fields)).toEqual({
      count: 1,
      big: '2',
      on: new Date(0),
      user: '[User]',
      bytes: '[Buffer]',
      apiKey: '[redacted]',
      circular: { self: { self: { self: '[…]' } } },
    });
  });

  it('describe a thrown value that is not an error by its keys only', () => {
    expect(errorFields({ password: 'x', email: 'y' })).toEqual({
      type: 'object',
      message: 'an object with password, email',
    });
    expect(errorFields(undefined)).toEqual({ type: 'undefined', message: 'undefined' });
  });

  it('list every address that a refused connection tried', () => {
    const error = new AggregateError([
      new Error('connect ECONNREFUSED ::1:5432'),
      new Error('connect ECONNREFUSED 127.0.0.1:5432'),
    ]);
    expect(errorFields(error).message).toBe('connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432');
  });

  it('keep the first three causes of an endless chain', () => {
    const error = new Error('around');
    error.cause = error;
    expect(errorFields(error).cause?.cause?.cause).toMatchObject({ message: 'around' });
    expect(errorFields(error).cause?.cause?.cause?.cause).toBeUndefined();
  });
});
