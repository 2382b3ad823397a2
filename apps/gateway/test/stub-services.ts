import {
  addPasskey,
  beginPasskey,
  beginOauthReauthentication,
  beginPasskeyReauthentication,
  beginPasskeySignIn,
  beginOauth,
  beginTotp,
  changePassword,
  completeMfa,
  confirmEmailChange,
  confirmTotp,
  finishOauth,
  forgotPassword,
  getAvatar,
  getProfile,
  getSigningKeys,
  listPasskeys,
  linkIdentity,
  listIdentities,
  listOauthProviders,
  listSecurityEvents,
  listSessions,
  login,
  logout,
  ProblemError,
  reauthenticate,
  reauthenticateWithPasskey,
  refresh,
  register,
  removePasskey,
  removeAvatar,
  removeTotp,
  renamePasskey,
  replaceRecoveryCodes,
  requestEmailChange,
  requestMagicLink,
  resendVerification,
  resetPassword,
  revokeOtherSessions,
  revokeSession,
  serviceHealth,
  signInWithMagicLink,
  signInWithPasskey,
  storeAvatar,
  undoEmailChange,
  unlinkIdentity,
  updateProfile,
  verifyEmail,
  type ContextOf,
  type RequestOf,
  type ResponseOf,
  type RpcContract,
  type User,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller, type INestMicroservice, type Type } from '@nestjs/common';
import { administrationContracts, agreeableAdministration } from './administration';
import { agreeableApiKeys, apiKeyContracts } from './api-keys';
import { agreeableInvitations, invitationContracts } from './invitations';
import { agreeableOrganizations, organizationContracts } from './organizations';
import { passkeyWith } from './passkeys';
import { startService } from './stub-service';
import { TestTokens } from './tokens';

type Handler<C extends RpcContract> = (input: RequestOf<C>, context: ContextOf<C>) => Promise<ResponseOf<C>>;

const authContracts = {
  register,
  login,
  refresh,
  logout,
  verifyEmail,
  resendVerification,
  forgotPassword,
  resetPassword,
  changePassword,
  requestMagicLink,
  signInWithMagicLink,
  completeMfa,
  reauthenticate,
  beginPasskeyReauthentication,
  reauthenticateWithPasskey,
  beginOauthReauthentication,
  requestEmailChange,
  confirmEmailChange,
  undoEmailChange,
  listSessions,
  revokeSession,
  revokeOtherSessions,
  beginTotp,
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  beginPasskey,
  addPasskey,
  listPasskeys,
  renamePasskey,
  removePasskey,
  beginPasskeySignIn,
  signInWithPasskey,
  listOauthProviders,
  beginOauth,
  finishOauth,
  listIdentities,
  linkIdentity,
  unlinkIdentity,
  listSecurityEvents,
  ...apiKeyContracts,
  getProfile,
  updateProfile,
  storeAvatar,
  removeAvatar,
  getAvatar,
  ...administrationContracts,
  getSigningKeys,
  ...organizationContracts,
  ...invitationContracts,
  health: serviceHealth.auth,
} as const;
type AuthContracts = typeof authContracts;

/** The behavior of the auth stub. Each test replaces the part it is about. */
export type AuthBehavior = { -readonly [Name in keyof AuthContracts]: Handler<AuthContracts[Name]> };

export function userWith(overrides: Partial<User> = {}): User {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    email: 'ada@example.com',
    emailVerified: true,
    name: 'Ada Lovelace',
    avatarUrl: null,
    locale: 'en',
    mfaEnabled: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    impersonatedBy: null,
    ...overrides,
  };
}

export function agreeableAuth(tokens: TestTokens): AuthBehavior {
  const recent = async () => ({ accessToken: await tokens.sign(), tokenType: 'Bearer' as const, expiresIn: 600 });
  const session = async () => ({
    type: 'session' as const,
    ...(await recent()),
    refreshToken: 'refresh-1',
    user: userWith(),
  });
  const nothing = async () => null;
  const accepted = async () => ({ status: 'accepted' as const });
  const sent = async () => ({ status: 'verification_sent' as const });
  const oauthStart = async () => ({ url: 'https://issuer.test/authorize?state=s', browserSecret: 'browser-secret' });
  const passkeyOptions = async () => ({
    rpId: 'app.acme.test',
    challenge: 'Y2hhbGxlbmdl',
    timeout: 300_000,
    allowCredentials: [],
    userVerification: 'required' as const,
  });
  const codes = async () => ({ recoveryCodes: ['AAAA-BBBB-CCCC-DDDD'] });
  return {
    register: sent,
    login: async ({ email }) => ({ ...(await session()), user: userWith({ email }) }),
    refresh: session,
    logout: nothing,
    verifyEmail: session,
    resendVerification: sent,
    forgotPassword: accepted,
    resetPassword: nothing,
    changePassword: nothing,
    requestMagicLink: accepted,
    signInWithMagicLink: session,
    completeMfa: session,
    reauthenticate: recent,
    beginPasskeyReauthentication: passkeyOptions,
    beginOauthReauthentication: oauthStart,
    reauthenticateWithPasskey: recent,
    requestEmailChange: accepted,
    confirmEmailChange: nothing,
    undoEmailChange: nothing,
    listSessions: async () => ({ data: [] }),
    revokeSession: nothing,
    revokeOtherSessions: nothing,
    beginTotp: async () => ({ secret: 'S', otpauthUrl: 'otpauth://totp/a', qr: { png: 'data:,', svg: '<svg/>' } }),
    confirmTotp: codes,
    removeTotp: nothing,
    replaceRecoveryCodes: codes,
    beginPasskey: async () => ({
      rp: { id: 'app.acme.test', name: 'Groundwork' },
      user: { id: 'YWRh', name: 'ada@example.com', displayName: 'Ada Lovelace' },
      challenge: 'Y2hhbGxlbmdl',
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      timeout: 300_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    }),
    addPasskey: async ({ name }) => passkeyWith({ name }),
    listPasskeys: async () => ({ data: [passkeyWith()] }),
    renamePasskey: async ({ id, name }) => passkeyWith({ id, name }),
    removePasskey: nothing,
    beginPasskeySignIn: passkeyOptions,
    signInWithPasskey: session,
    listOauthProviders: async () => ({ data: [{ id: 'acme', name: 'Acme' }] }),
    beginOauth: oauthStart,
    finishOauth: async () => ({ outcome: 'signed_in', returnTo: '/', session: await session() }),
    listIdentities: async () => ({ data: [] }),
    linkIdentity: oauthStart,
    unlinkIdentity: nothing,
    listSecurityEvents: async () => ({ data: [], nextCursor: null }),
    ...agreeableApiKeys,
    ...agreeableOrganizations,
    ...agreeableInvitations,
    registerByInvitation: session,
    getProfile: async (_input, { actor }) => userWith({ id: actor.userId }),
    updateProfile: async (changes) => userWith({ ...(changes.name === undefined ? {} : { name: changes.name }) }),
    storeAvatar: async () => userWith(),
    removeAvatar: nothing,
    getAvatar: refuse('not_found'),
    ...agreeableAdministration(session),
    getSigningKeys: async () => ({ keys: tokens.published }),
    health: async () => ({ status: 'ok' }),
  };
}

/** One handler per contract, which calls the current behavior. */
function authController(behavior: AuthBehavior): Type {
  @Controller()
  class StubAuth {}
  for (const [name, contract] of Object.entries(authContracts)) {
    const handle = (input: unknown, context: unknown): unknown =>
      Reflect.apply(Reflect.get(behavior, name), null, [input, context]);
    Object.defineProperty(StubAuth.prototype, name, { value: handle, writable: true, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(StubAuth.prototype, name);
    if (descriptor !== undefined) Handles<RpcContract>(contract)(StubAuth.prototype, name, descriptor);
  }
  return StubAuth;
}

export function startStubAuth(redisUrl: string, behavior: AuthBehavior): Promise<INestMicroservice> {
  return startService('auth', redisUrl, authController(behavior), Object.values(authContracts));
}

/** For behaviors: `login: refuse('invalid_credentials')`. */
export function refuse(...problem: ConstructorParameters<typeof ProblemError>): () => Promise<never> {
  return () => Promise.reject(new ProblemError(...problem));
}
