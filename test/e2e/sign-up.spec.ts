import { session, user } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { newUser, tokenIn } from './client';
import { suite } from './suite';

describe('signing up', () => {
  it('lets a user sign up, verify by email, sign in and see their profile', async () => {
    const account = newUser();
    const registered = await suite.register(account);
    expect(registered.status).toBe(202);
    expect(registered.body).toEqual({ status: 'verification_sent' });

    const mail = await suite.mailTo(account.email, /Confirm your email address/);
    expect(mail.html).toContain('Ada Lovelace');
    expect(session.parse((await suite.verify(tokenIn(mail))).body).user.emailVerified).toBe(true);

    const { accessToken } = await suite.signIn(account);
    const me = await suite.call('GET', '/users/me', { token: accessToken });
    expect(me.status).toBe(200);
    expect(user.parse(me.body)).toMatchObject({
      email: account.email,
      name: account.name,
      locale: 'en',
      mfaEnabled: false,
    });
  });

  it('stores the password with OWASP’s parameters of Argon2id', async () => {
    const { email } = await suite.aMember();
    const sql = "SELECT 1 FROM users WHERE email = $1 AND password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
    expect(await suite.inAuthDatabase(sql, [email])).toBe(1);
  });

  it('sends the email in the language of the request', async () => {
    const account = newUser();
    await suite.call('POST', '/auth/register', {
      body: account,
      headers: { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' },
    });
    expect((await suite.mailTo(account.email, /Bestätigen/)).html).toContain('lang="de"');
  });

  it('returns the same for an existing email address, and tells its owner by email', async () => {
    const member = await suite.aMember();
    const again = await suite.register({ ...member, name: 'Somebody Else', password: 'another good password' });
    expect([again.status, again.body]).toEqual([202, { status: 'verification_sent' }]);
    await suite.mailTo(member.email, /already have an account/);
    expect((await suite.signIn(member)).user.name).toBe(member.name);
  });

  it('creates one account per mailbox for all spellings of its email address', async () => {
    const member = await suite.aMember();
    await suite.register({ ...member, email: `  ${member.email.toUpperCase()} ` });
    await suite.mailTo(member.email, /already have an account/);
    expect((await suite.signIn({ ...member, email: member.email.toUpperCase() })).user.email).toBe(member.email);
  });

  it('shows a name in an email as text, never as markup', async () => {
    const account = newUser({ name: 'Bobby & "Tables"' });
    await suite.register(account);
    expect((await suite.mailTo(account.email, /Confirm/)).html).toContain('Bobby &amp; &quot;Tables&quot;');
  });

  it('lets the opened link decide which registration of an unverified email address counts', async () => {
    const owner = newUser();
    await suite.register(owner);
    const ownersMail = await suite.mailTo(owner.email, /Confirm/);
    await suite.register({ ...owner, name: 'Mallory', password: 'a password of mallory' });
    await eventually(async () => (await suite.mailsTo(owner.email)).length === 2, {
      timeoutMs: 60_000,
      describe: 'the second mail',
    });

    expect((await suite.verify(tokenIn(ownersMail))).status).toBe(200);
    expect((await suite.signIn(owner)).user.name).toBe(owner.name);
    const mallory = { email: owner.email, password: 'a password of mallory' };
    expect((await suite.call('POST', '/auth/login', { body: mallory })).status).toBe(401);
  });
});

describe('a verification token', () => {
  it('works once, and is then reported as used', async () => {
    const account = newUser();
    await suite.register(account);
    const token = tokenIn(await suite.mailTo(account.email, /Confirm/));
    expect((await suite.verify(token)).status).toBe(200);
    expect(await suite.verify(token)).toMatchObject({ status: 400, body: { code: 'token_used' } });
  });

  it('works once if it is used ten times at the same time', async () => {
    const account = newUser();
    await suite.register(account);
    const token = tokenIn(await suite.mailTo(account.email, /Confirm/));
    const responses = await Promise.all(Array.from({ length: 10 }, () => suite.verify(token)));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(responses.filter(({ status }) => status !== 200).every(({ body }) => hasCode(body, 'token_used'))).toBe(
      true,
    );
  });

  it('is reported as expired', async () => {
    const account = newUser();
    await suite.register(account);
    const token = tokenIn(await suite.mailTo(account.email, /Confirm/));
    await suite.inAuthDatabase(
      `UPDATE one_time_tokens SET expires_at = now() - interval '1 second'
       WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
      [account.email],
    );
    expect(await suite.verify(token)).toMatchObject({ status: 400, body: { code: 'token_expired' } });
  });

  it.each([
    ['unknown', 'AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['of another shape', 'not-a-token'],
    ['a bare user id', '0199d1f0-0000-7000-8000-000000000000'],
  ])('is invalid if it is %s', async (_, token) => {
    expect(await suite.verify(token)).toMatchObject({ status: 400, body: { code: 'token_invalid' } });
  });

  it('is invalid with one character changed, while the right one still works', async () => {
    const account = newUser();
    await suite.register(account);
    const token = tokenIn(await suite.mailTo(account.email, /Confirm/));
    const changed = token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.slice(-1);
    expect(await suite.verify(changed)).toMatchObject({ status: 400, body: { code: 'token_invalid' } });
    expect((await suite.verify(token)).status).toBe(200);
  });

  it('is requested again, and the new link works', async () => {
    const account = newUser();
    await suite.register(account);
    const first = await suite.mailTo(account.email, /Confirm/);
    const again = await suite.call('POST', '/auth/verify-email/resend', { body: { email: account.email } });
    expect([again.status, again.body]).toEqual([202, { status: 'verification_sent' }]);
    const second = await eventually(
      async () => (await suite.mailsTo(account.email)).find(({ id }) => id !== first.id),
      {
        timeoutMs: 60_000,
        describe: 'the second mail',
      },
    );
    expect((await suite.verify(tokenIn(second))).status).toBe(200);
  });

  it('is not sent to an unknown or verified email address, although the response is the same', async () => {
    const member = await suite.aMember();
    const stranger = newUser();
    for (const { email } of [member, stranger]) {
      const response = await suite.call('POST', '/auth/verify-email/resend', { body: { email } });
      expect([response.status, response.body]).toEqual([202, { status: 'verification_sent' }]);
    }
    // Emails are sent in order, so once a later one has arrived, an earlier one would have too.
    await suite.aMember();
    expect(await suite.mailsTo(stranger.email)).toHaveLength(0);
    expect(await suite.mailsTo(member.email)).toHaveLength(1);
  });

  it('is not used up by a GET of the link, as email scanners do', async () => {
    const account = newUser();
    await suite.register(account);
    const mail = await suite.mailTo(account.email, /Confirm/);
    const link = /(http\S+)#token=/.exec(mail.text)?.[1] ?? '';
    const page = await suite.call('GET', link);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await suite.verify(tokenIn(mail))).status).toBe(200);
  });
});

function hasCode(body: unknown, code: string): boolean {
  return typeof body === 'object' && body !== null && 'code' in body && body.code === code;
}
