import { beginTotp, confirmTotp, removeTotp, replaceRecoveryCodes } from '#libs/contracts';
import { outcome, outcomes, securityLogOf, signedIn, withApp } from '../../../test/as';
import { startAuth, startServers, type TestAuth } from '../../../test/auth';
import { totpCodeAt } from './totp';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

describe('setting up an authenticator app', () => {
  it('shows the secret once, as text, URL and QR code, and stores it encrypted', async () => {
    const { user, me } = await signedIn(auth);
    const { secret, otpauthUrl, qr } = await auth.rpc.call(beginTotp, {}, me);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const url = new URL(otpauthUrl);
    expect(decodeURIComponent(url.pathname)).toBe(`/Groundwork:${user.email}`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ secret, issuer: 'Groundwork' });
    expect(qr.png).toMatch(/^data:image\/png;base64,iVBOR/);
    expect(qr.svg).toContain('<svg');
    const rows = JSON.stringify(await auth.dataSource.query('SELECT * FROM totp_credentials'));
    expect(rows).not.toContain(secret);
  });

  it('has no effect on sign-in until its first code is confirmed', async () => {
    const { user, me } = await signedIn(auth);
    await auth.rpc.call(beginTotp, {}, me);
    expect(await auth.signIn(user)).toHaveProperty('accessToken');
  });

  it('replaces the secret if it begins again before confirmation, and is refused afterwards', async () => {
    const { me } = await signedIn(auth);
    const first = await auth.rpc.call(beginTotp, {}, me);
    const second = await auth.rpc.call(beginTotp, {}, me);
    const wrong = totpCodeAt(first.secret, Date.now());
    expect(await outcome(auth.rpc.call(confirmTotp, { code: wrong }, me))).toBe('invalid_code');
    await auth.rpc.call(confirmTotp, { code: totpCodeAt(second.secret, Date.now()) }, me);
    expect(await outcome(auth.rpc.call(beginTotp, {}, me))).toBe('mfa_already_enabled');
  });

  it('is confirmed once by two concurrent requests', async () => {
    const { me } = await signedIn(auth);
    const { secret } = await auth.rpc.call(beginTotp, {}, me);
    const confirm = (at: number) => auth.rpc.call(confirmTotp, { code: totpCodeAt(secret, at) }, me);
    const answers = await outcomes([confirm(Date.now()), confirm(Date.now())]);
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
  });

  it('needs a begun one, and happens once', async () => {
    const { me } = await signedIn(auth);
    expect(await outcome(auth.rpc.call(confirmTotp, { code: '123456' }, me))).toBe('mfa_not_enabled');
    const enrolled = await withApp(auth);
    const again = auth.rpc.call(confirmTotp, { code: enrolled.code }, enrolled.me);
    expect(await outcome(again)).toBe('mfa_already_enabled');
  });

  it('is required to turn it off and for new recovery codes', async () => {
    const { me } = await signedIn(auth);
    expect(await outcome(auth.rpc.call(removeTotp, { code: '123456' }, me))).toBe('mfa_not_enabled');
    expect(await outcome(auth.rpc.call(replaceRecoveryCodes, { code: '123456' }, me))).toBe('mfa_not_enabled');
  });

  it('records new recovery codes', async () => {
    const { user, me, code } = await withApp(auth);
    await auth.rpc.call(replaceRecoveryCodes, { code }, me);
    expect((await securityLogOf(auth, user))[0]).toBe('recovery_codes_replaced');
  });

  it('tells the owner when it is turned on or off, which needs a code', async () => {
    const { user, me, code } = await withApp(auth);
    expect(await outcome(auth.rpc.call(removeTotp, { code: '000000' }, me))).toBe('invalid_code');
    await auth.rpc.call(removeTotp, { code }, me);
    expect(await auth.signIn(user)).toHaveProperty('accessToken');
    const events = (await auth.mailsTo(user.email)).flatMap((mail) => ('event' in mail ? [mail.event] : []));
    expect(events).toEqual(['mfa_enabled', 'mfa_disabled']);
  });

  it('can be turned off with a recovery code and set up again', async () => {
    const { user, me, recoveryCodes } = await withApp(auth);
    const [recoveryCode = ''] = recoveryCodes;
    expect(await outcome(auth.rpc.call(removeTotp, { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' }, me))).toBe('invalid_code');
    expect(await outcome(auth.rpc.call(removeTotp, { recoveryCode, code: '123456' }, me))).toBe('validation_failed');
    await auth.rpc.call(removeTotp, { recoveryCode }, me);
    expect(await auth.signIn(user)).toHaveProperty('accessToken');
    expect(await auth.rpc.call(beginTotp, {}, me)).toHaveProperty('secret');
  });
});
