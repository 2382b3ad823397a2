import { mfaRequired, totpEnrollment } from '#libs/contracts';
import speakeasy from 'speakeasy';
import { suite } from '../e2e/suite';
import { stack, underLoad } from './drill';

/** Three times every replica is replaced. */
jest.setTimeout(1_800_000);

const secondsPerCode = 30;

it('replaces the encryption key under load without a failed request, and reads what the old one encrypted', async () => {
  const member = await suite.aMember();
  const token = member.session.accessToken;
  const enrolled = await suite.call('POST', '/users/me/mfa/totp', { token, body: {} });
  const { secret } = totpEnrollment.parse(enrolled.body);
  const enrolledAt = Date.now() / 1_000;
  const codeAfter = (steps: number) =>
    speakeasy.totp({ secret, encoding: 'base32', time: Math.floor(enrolledAt + steps * secondsPerCode) });
  await suite.call('POST', '/users/me/mfa/totp/confirm', { token, body: { code: codeAfter(0) } });
  const before = stack.secret('field_encryption_key');

  const { report } = await underLoad('rotation of the encryption key', async () => {
    const { code, output } = await stack.run('scripts/rotate-keys.sh', ['field-encryption']);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toMatch(/re-encrypted/);
    expect(await stack.run('scripts/rotate-keys.sh', ['field-encryption', '--finish'])).toMatchObject({ code: 0 });
  });
  expect(report.failed).toEqual({});
  expect(stack.secret('field_encryption_key')).not.toContain(before);

  const { email, password } = member;
  const asked = await suite.call('POST', '/auth/login', { body: { email, password } });
  const { mfaToken } = mfaRequired.parse(asked.body);
  const now = Math.floor(Date.now() / 1_000);
  const code = speakeasy.totp({ secret, encoding: 'base32', time: now });
  expect(await suite.call('POST', '/auth/mfa', { body: { mfaToken, code } })).toMatchObject({ status: 200 });
});

it('replaces the signing key without signing anybody out', async () => {
  const { session } = await suite.aMember();
  expect(await stack.run('scripts/rotate-keys.sh', ['signing'])).toMatchObject({ code: 0 });
  expect(await suite.call('GET', '/users/me', { token: session.accessToken })).toMatchObject({ status: 200 });
});
