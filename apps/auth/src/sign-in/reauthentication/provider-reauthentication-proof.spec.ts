import { outcome, outcomes, withApp } from '../../../test/as';
import { actorOf } from '../../../test/auth';
import { aPerson, startOauth, type TestOauth } from '../../../test/oauth';
import { anHourLater, answerHostile, comeBack, isOld, makeOld } from '../../../test/step-up';
import { User } from '../../account/user/users.table';

let oauth: TestOauth;
beforeAll(async () => (oauth = await startOauth()));

const failed = { code: 'oauth_failed' };

describe('auth_time', () => {
  const now = () => Math.floor(Date.now() / 1_000);

  it.each<[string, string, () => unknown]>([
    ['of this moment', 'ok', () => now()],
    ['of a clock that is a little behind', 'ok', () => now() - 20],
    ['of a clock that is a little ahead', 'ok', () => now() + 20],
    ['that is missing', 'oauth_sign_in_not_recent', () => undefined],
    ['from before we asked', 'oauth_sign_in_not_recent', () => now() - 90],
    ['of 1970', 'oauth_sign_in_not_recent', () => 0],
    ['in the future', 'oauth_sign_in_not_recent', () => now() + 90],
    ['in milliseconds', 'oauth_sign_in_not_recent', () => Date.now()],
    ['out of range', 'oauth_sign_in_not_recent', () => 1e300],
    ['with a fraction', 'oauth_sign_in_not_recent', () => now() + 0.5],
    ['as a text', 'oauth_failed', () => String(now())],
    ['before 1970', 'oauth_failed', () => -1],
  ])('%s: %s', async (_which, expected, authTime) => {
    const { actor, person, sessionId } = await anHourLater(oauth, 'hostile');
    answerHostile(oauth, person.sub, { auth_time: authTime() });
    const callback = await oauth.visit(await oauth.beginStepUp(actor, 'hostile'), person);
    expect(await outcome(oauth.finish(callback))).toBe(expected);
    expect(await isOld(oauth, sessionId)).toBe(expected !== 'ok');
  });

  it('determines the age of the session, so that a late callback gains nothing', async () => {
    const { actor, person, sessionId } = await anHourLater(oauth, 'hostile');
    const authTime = now() - 20;
    answerHostile(oauth, person.sub, { auth_time: authTime });
    await oauth.finish(await oauth.visit(await oauth.beginStepUp(actor, 'hostile'), person));
    const [session] = await oauth.auth.dataSource.query<{ at: number }[]>(
      'SELECT extract(epoch FROM authenticated_at)::int AS at FROM sessions WHERE id = $1',
      [sessionId],
    );
    expect(session).toEqual({ at: authTime });
  });
});

describe('with two-factor authentication', () => {
  async function withAppAndProvider() {
    const person = aPerson();
    const { user, sessionId, code, recoveryCodes } = await withApp(oauth.auth);
    await oauth.link(user, 'acme', person);
    await makeOld(oauth, sessionId);
    return { user, sessionId, code, recoveryCode: recoveryCodes[0] ?? '', actor: actorOf(user, sessionId), person };
  }

  it('asks for the code first, and consumes it', async () => {
    const { actor, code, sessionId, person } = await withAppAndProvider();
    for (const proof of [{}, { code, recoveryCode: 'AAAA-BBBB-CCCC-DDDD-EEEE-FFFF' }]) {
      await expect(oauth.beginStepUp(actor, 'acme', proof)).rejects.toMatchObject({ code: 'validation_failed' });
    }
    await expect(oauth.beginStepUp(actor, 'acme', { code: '000000' })).rejects.toMatchObject({ code: 'invalid_code' });
    const flow = await oauth.beginStepUp(actor, 'acme', { code });
    await expect(oauth.beginStepUp(actor, 'acme', { code })).rejects.toMatchObject({ code: 'invalid_code' });
    expect(await isOld(oauth, sessionId)).toBe(true);
    expect(await oauth.finish(await oauth.visit(flow, person))).toMatchObject({ outcome: 'reauthenticated' });
    expect(await isOld(oauth, sessionId)).toBe(false);
  });

  it('accepts a recovery code instead', async () => {
    const { actor, recoveryCode, person } = await withAppAndProvider();
    const flow = await oauth.beginStepUp(actor, 'acme', { recoveryCode });
    expect(await oauth.finish(await oauth.visit(flow, person))).toMatchObject({ outcome: 'reauthenticated' });
  });

  it('rate-limits guesses of codes', async () => {
    const { actor } = await withAppAndProvider();
    const results = await outcomes(
      Array.from({ length: 20 }, (_, index) => oauth.beginStepUp(actor, 'acme', { code: `00000${index % 10}` })),
    );
    expect(results).toContain('too_many_attempts');
    expect(results).not.toContain('ok');
  });

  it('refuses a flow that started before it was turned on', async () => {
    const person = await anHourLater(oauth);
    const callback = await comeBack(oauth, person);
    await oauth.auth.dataSource.manager.update(User, { id: person.user.id }, { mfaEnabledAt: new Date() });
    await expect(oauth.finish(callback)).rejects.toMatchObject(failed);
    expect(await isOld(oauth, person.sessionId)).toBe(true);
  });
});
