import {
  completeMfa,
  login,
  mfaRequired,
  reauthenticate,
  refresh,
  replaceRecoveryCodes,
  requestMagicLink,
  resetPassword,
  revokeOtherSessions,
  rpcContractsOf,
  signInWithMagicLink,
  verifyEmail,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { aClient, outcome, outcomes, securityLogOf, withApp } from '../../../test/as';
import { contextOf, password, startAuth, startServers, untilHandled, type TestAuth } from '../../../test/auth';
import { createHash } from 'node:crypto';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

async function challenge(user: User): Promise<string> {
  return mfaRequired.parse(await auth.rpc.call(login, { email: user.email, password })).mfaToken;
}

const complete = (mfaToken: string, factor: object) => auth.rpc.call(completeMfa, { mfaToken, ...factor });

describe('TOTP skipped by calling any other route with the mfaToken', () => {
  it('fails, because only completeMfa accepts it', async () => {
    const { user } = await withApp(auth);
    const mfaToken = await challenge(user);
    expect(await outcome(auth.rpc.call(refresh, { refreshToken: mfaToken }))).toBe('refresh_token_invalid');
    expect(await outcome(auth.rpc.call(verifyEmail, { token: mfaToken }))).toBe('token_invalid');
    expect(await outcome(auth.rpc.call(signInWithMagicLink, { token: mfaToken }))).toBe('token_invalid');
    expect(await outcome(auth.rpc.call(resetPassword, { token: mfaToken, password: 'tomatoes grow in june' }))).toBe(
      'token_invalid',
    );
  });

  it('fails without an access token for every contract that is not public', async () => {
    const closed = rpcContractsOf('auth').filter(({ access }) => access !== 'public');
    expect(closed.length).toBeGreaterThan(10);
    for (const contract of closed) expect(await outcome(auth.rpc.call(contract, {}))).toBe('unauthenticated');
  });
});

describe('the second step of a sign-in', () => {
  it('completes with a right code, which consumes the token', async () => {
    const { user, code, recoveryCodes } = await withApp(auth);
    const mfaToken = await challenge(user);
    expect(await complete(mfaToken, { code })).toMatchObject({
      tokenType: 'Bearer',
      user: { mfaEnabled: true },
    });
    expect(await outcome(complete(mfaToken, { recoveryCode: recoveryCodes[0] }))).toBe('mfa_token_invalid');
  });

  it('accepts the same TOTP code once', async () => {
    const { user, code } = await withApp(auth);
    await complete(await challenge(user), { code });
    expect(await outcome(complete(await challenge(user), { code }))).toBe('invalid_code');
  });

  it('accepts the same TOTP code once, even with concurrent requests', async () => {
    const { user, code } = await withApp(auth);
    const tokens = [await challenge(user), await challenge(user), await challenge(user)];
    const answers = await outcomes(tokens.map((token) => complete(token, { code })));
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
  });

  it('signs in once with two right codes for one mfaToken', async () => {
    const { user, code, recoveryCodes } = await withApp(auth);
    const mfaToken = await challenge(user);
    const answers = await outcomes([
      complete(mfaToken, { code }),
      complete(mfaToken, { recoveryCode: recoveryCodes[0] }),
    ]);
    expect(answers).toEqual(['mfa_token_invalid', 'ok']);
    // The code of the later request is still valid.
    const left = await auth.dataSource.query('SELECT 1 FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL', [
      user.id,
    ]);
    expect([9, 10]).toContain(left.length);
  });

  it.each([
    [-1, 'invalid_code'],
    [0, 'invalid_code'],
    [1, 'ok'],
    [3, 'invalid_code'],
  ])('handles the code %i steps after the last one: %s', async (steps, expected) => {
    const { user, codeAfter } = await withApp(auth);
    expect(await outcome(complete(await challenge(user), { code: codeAfter(steps) }))).toBe(expected);
  });

  it('ends all older codes, used or not', async () => {
    const { user, code } = await withApp(auth);
    await auth.dataSource.query('UPDATE totp_credentials SET last_used_step = last_used_step + 2 WHERE user_id = $1', [
      user.id,
    ]);
    expect(await outcome(complete(await challenge(user), { code }))).toBe('invalid_code');
  });

  it('accepts a recovery code once, in any spelling, even with concurrent requests, and tells its owner', async () => {
    const { user, recoveryCodes } = await withApp(auth);
    expect(recoveryCodes).toHaveLength(10);
    expect(new Set(recoveryCodes).size).toBe(10);
    const [first = '', second = ''] = recoveryCodes;
    expect(first).toMatch(/^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/);
    const tokens = [await challenge(user), await challenge(user)];
    const answers = await outcomes(tokens.map((token) => complete(token, { recoveryCode: first })));
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
    const typed = second.toLowerCase().replaceAll('-', ' ');
    expect(await outcome(complete(await challenge(user), { recoveryCode: typed }))).toBe('ok');
    expect(await securityLogOf(auth, user)).toContain('recovery_code_used');
    const rows = JSON.stringify(await auth.dataSource.query('SELECT * FROM recovery_codes'));
    for (const code of recoveryCodes) expect(rows).not.toContain(code.replaceAll('-', ''));
  });

  it('accepts an old recovery code of sixteen letters', async () => {
    const { user } = await withApp(auth);
    const short = 'ABCD-EFGH-IJKL-MNOP';
    const hash = createHash('sha256')
      .update(`recovery-code\0${user.id}\0${short.replaceAll('-', '')}`)
      .digest('base64url');
    await auth.dataSource.query('INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)', [user.id, hash]);
    expect(await outcome(complete(await challenge(user), { recoveryCode: short }))).toBe('ok');
    expect(await outcome(complete(await challenge(user), { recoveryCode: `${short}-QRST` }))).toBe('validation_failed');
  });

  it('ends the old recovery codes when new ones are created', async () => {
    const { user, me, code, recoveryCodes } = await withApp(auth);
    const { recoveryCodes: fresh } = await auth.rpc.call(replaceRecoveryCodes, { code }, me);
    expect(await outcome(complete(await challenge(user), { recoveryCode: recoveryCodes[0] }))).toBe('invalid_code');
    expect(await outcome(complete(await challenge(user), { recoveryCode: fresh[0] }))).toBe('ok');
  });

  it('refuses another user’s code and recovery code', async () => {
    const [mine, theirs] = [await withApp(auth), await withApp(auth)];
    expect(await outcome(complete(await challenge(mine.user), { code: theirs.code }))).toBe('invalid_code');
    const recoveryCode = theirs.recoveryCodes[0];
    expect(await outcome(complete(await challenge(mine.user), { recoveryCode }))).toBe('invalid_code');
  });

  it('counts wrong passwords, codes and recovery codes together', async () => {
    const { user } = await withApp(auth);
    await outcome(auth.rpc.call(login, { email: user.email, password: 'wrong' }));
    const mfaToken = await challenge(user);
    expect(await outcome(complete(mfaToken, { code: '000000' }))).toBe('invalid_code');
    expect(await outcome(complete(mfaToken, { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' }))).toBe('too_many_attempts');
    expect(await outcome(auth.rpc.call(login, { email: user.email, password }))).toBe('too_many_attempts');
  });

  it('refuses an expired token, and one from before a password reset', async () => {
    const { user, code } = await withApp(auth);
    const expired = await challenge(user);
    await auth.dataSource.query(
      "UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1 AND purpose = 'mfa'",
      [user.id],
    );
    expect(await outcome(complete(expired, { code }))).toBe('mfa_token_invalid');
    const before = await challenge(user);
    await auth.dataSource.query("UPDATE one_time_tokens SET used_at = now() WHERE user_id = $1 AND purpose = 'mfa'", [
      user.id,
    ]);
    expect(await outcome(complete(before, { code }))).toBe('mfa_token_invalid');
  });

  it('refuses a token from before all sessions were ended, even if it was stored later', async () => {
    const { user, me, code } = await withApp(auth);
    const mfaToken = await challenge(user);
    await auth.rpc.call(revokeOtherSessions, {}, me);
    expect(await outcome(complete(mfaToken, { code }))).toBe('mfa_token_invalid');
  });

  it('is not locked out by strangers after a sign-in link', async () => {
    const { user, code } = await withApp(auth);
    for (let guess = 0; guess < 4; guess++)
      await outcome(auth.rpc.call(login, { email: user.email, password: `guess ${guess}` }));
    expect(await outcome(auth.rpc.call(login, { email: user.email, password }))).toBe('too_many_attempts');
    await auth.rpc.call(requestMagicLink, { email: user.email });
    const token = await auth.mailedToken(user.email, 'magic-link');
    const { mfaToken } = mfaRequired.parse(await auth.rpc.call(signInWithMagicLink, { token }));
    expect(await outcome(complete(mfaToken, { code }))).toBe('ok');
  });

  it('accepts exactly one well-formed factor', async () => {
    const { user, code, recoveryCodes } = await withApp(auth);
    const mfaToken = await challenge(user);
    for (const factor of [{}, { code, recoveryCode: recoveryCodes[0] }, { code: '12345' }, { code: 'abcdef' }]) {
      expect(await outcome(complete(mfaToken, factor))).toBe('validation_failed');
    }
  });

  it('recognizes the known device of the first step', async () => {
    const { user, code } = await withApp(auth);
    const client = aClient({ deviceId: newId(), ip: '198.51.100.77' });
    const first = await auth.rpc.call(login, { email: user.email, password }, { context: contextOf({ client }) });
    const { mfaToken } = mfaRequired.parse(first);
    const second = { context: contextOf({ client: { ...client, deviceId: null } }) };
    await auth.rpc.call(completeMfa, { mfaToken, code }, second);
    expect((await securityLogOf(auth, user))[0]).toBe('signed_in');
  });

  it('follows a sign-in link too', async () => {
    const { user, code } = await withApp(auth);
    await auth.rpc.call(requestMagicLink, { email: user.email });
    const token = await auth.mailedToken(user.email, 'magic-link');
    const { mfaToken } = mfaRequired.parse(await auth.rpc.call(signInWithMagicLink, { token }));
    expect(await outcome(complete(mfaToken, { code }))).toBe('ok');
    await untilHandled(auth);
  });
});

describe('step-up with two-factor authentication', () => {
  it('needs the password and a code', async () => {
    const { me, code, recoveryCodes } = await withApp(auth);
    const attempt = (given: { password: string; code?: string; recoveryCode?: string }) =>
      outcome(auth.rpc.call(reauthenticate, given, me));
    expect(await attempt({ password })).toBe('validation_failed');
    // It does not count as a guess, however often it is tried.
    for (let more = 0; more < 10; more++) expect(await attempt({ password })).toBe('validation_failed');
    expect(await attempt({ password, code })).toBe('ok');
    expect(await attempt({ password, recoveryCode: recoveryCodes[0] ?? '' })).toBe('ok');
  });

  it('limits guesses of the code even with the right password', async () => {
    const { me } = await withApp(auth);
    const guesses: string[] = [];
    for (let guess = 0; guess < 4; guess++) {
      guesses.push(await outcome(auth.rpc.call(reauthenticate, { password, code: '000000' }, me)));
    }
    expect(guesses).toContain('too_many_attempts');
  });
});
