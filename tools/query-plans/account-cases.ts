import {
  getProfile,
  listApiKeys,
  listIdentities,
  listPasskeys,
  listSecurityEvents,
  listSessions,
  login,
  refresh,
  verifyApiKey,
  verifyEmail,
} from '#libs/contracts';
import { hashToken, randomToken } from '#libs/encryption';
import { aCase, aToken, deepIn, turn, type Case, type Setting } from './cases';
import { asUser } from './subjects';

const hashed = 60;

/**
 * What users request about themselves.
 * @param password the password of every user
 */
export async function accountCases({ auth, subjects, deepest }: Setting, password: string): Promise<Case[]> {
  const { people, busiest, secrets } = subjects;
  const me = (sample: number) => asUser(turn(people, sample));
  const busy = asUser(busiest);
  const events = await deepIn(Math.min(40, deepest), (after) =>
    auth.call(listSecurityEvents, { limit: 100, ...after }, busy),
  );
  return [
    aCase('one’s account, by id', (n) => auth.call(getProfile, {}, me(n))),
    aCase('API key, by hash', (n) => auth.call(verifyApiKey, { hash: turn(secrets, n).apiKeyHash })),
    aCase('API key, unknown', () => auth.call(verifyApiKey, { hash: hashToken(randomToken()) })),
    aCase('refresh token, rotated', (n) => auth.call(refresh, { refreshToken: turn(secrets, n).refreshToken })),
    aCase('refresh token, unknown', () => auth.call(refresh, { refreshToken: randomToken() })),
    aCase('sign-in by address', (n) => auth.call(login, { email: turn(people, n).email, password }), hashed),
    aCase('sign-in, unknown address', (n) => auth.call(login, { email: `nobody.${n}@example.com`, password }), hashed),
    aCase('mailed link, unknown', () => auth.call(verifyEmail, { token: aToken('email-verification') })),
    aCase('one’s sessions', (n) => auth.call(listSessions, {}, me(n))),
    aCase('one’s sessions, of a hundred', () => auth.call(listSessions, {}, busy)),
    aCase('security events', (n) => auth.call(listSecurityEvents, {}, me(n))),
    aCase('security events, page 41', () => auth.call(listSecurityEvents, { limit: 100, ...events }, busy)),
    aCase('one’s API keys', () => auth.call(listApiKeys, { limit: 100 }, busy)),
    aCase('one’s passkeys', () => auth.call(listPasskeys, {}, busy)),
    aCase('one’s linked identities', () => auth.call(listIdentities, {}, busy)),
  ];
}
