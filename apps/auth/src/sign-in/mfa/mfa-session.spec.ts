import { completeMfa, forgotPassword, listSecurityEvents, login, mfaRequired, resetPassword } from '#libs/contracts';
import { newId } from '#libs/database';
import { aClient, outcome, sessionIdOf, withApp } from '../../../test/as';
import { contextOf, password, startAuth, untilHandled, type TestAuth } from '../../../test/auth';
import { SessionRecord } from '../../session/session/sessions.table';

let auth: TestAuth;
beforeAll(async () => {
  auth = await startAuth();
});

it('records both factors, with the device of the first step', async () => {
  const { user, me, code, recoveryCodes } = await withApp(auth);
  const [recoveryCode = ''] = recoveryCodes;
  const context = contextOf({ client: aClient({ deviceId: newId() }) });
  const factors = [{ code }, { recoveryCode }];
  for (const factor of factors) {
    const first = await auth.rpc.call(login, { email: user.email, password }, { context });
    // The second step names no account, so it cannot recognize the device.
    const second = { context: contextOf({ client: aClient() }) };
    await auth.rpc.call(completeMfa, { mfaToken: mfaRequired.parse(first).mfaToken, ...factor }, second);
  }
  const { data } = await auth.rpc.call(listSecurityEvents, {}, me);
  const signIns = data.filter(({ type }) => type.startsWith('signed_in')).slice(0, 2);
  const seen = { type: 'signed_in', ip: '203.0.113.9', device: 'Firefox on Linux' };
  expect(signIns).toMatchObject([
    { ...seen, details: { method: 'password+recovery_code' } },
    { ...seen, details: { method: 'password+totp' } },
  ]);
});

it('marks a session as two-factor only with two factors', async () => {
  const secondFactorOf = async (refreshToken: string) => {
    const id = await sessionIdOf(auth, refreshToken);
    const { secondFactor } = await auth.dataSource.manager.findOneByOrFail(SessionRecord, { id });
    return secondFactor;
  };
  const { user, code } = await withApp(auth);
  const { mfaToken } = mfaRequired.parse(await auth.rpc.call(login, { email: user.email, password }));
  const { refreshToken } = await auth.rpc.call(completeMfa, { mfaToken, code });
  expect(await secondFactorOf(refreshToken)).toBe(true);
  expect(await secondFactorOf((await auth.signIn(await auth.aUser())).refreshToken)).toBe(false);
});

it('forgives no wrong codes after a password reset, so that access to the mailbox does not allow guessing', async () => {
  const { user } = await withApp(auth);
  const endPauses = () => auth.dataSource.query('UPDATE sign_in_attempts SET blocked_until = now()');
  const results: string[] = [];
  let current = password;
  for (let round = 0; round < 2; round++) {
    const { mfaToken } = mfaRequired.parse(await auth.rpc.call(login, { email: user.email, password: current }));
    for (let guess = 0; guess < 4; guess++) {
      await endPauses();
      results.push(await outcome(auth.rpc.call(completeMfa, { mfaToken, code: '000000' })));
    }
    current = `tomatoes grow in june ${round}`;
    await auth.rpc.call(forgotPassword, { email: user.email });
    await untilHandled(auth);
    const token = await auth.mailedToken(user.email, 'password-reset');
    await auth.rpc.call(resetPassword, { token, password: current });
    await endPauses();
  }
  expect(results).toEqual(Array.from({ length: 8 }, () => 'invalid_code'));
  // Two unfinished sign-ins and eight wrong codes.
  expect(await outcome(auth.rpc.call(login, { email: user.email, password: current }))).toBe('ok');
  expect(await outcome(auth.rpc.call(login, { email: user.email, password: current }))).toBe('too_many_attempts');
});
