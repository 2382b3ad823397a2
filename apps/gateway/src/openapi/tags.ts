/** The resources of the API, in the order of the page. Each operation id starts with one of them. */
export const tags = {
  registration: 'Create an account.',
  emailVerification: 'Verify the email address of a new account.',
  session: 'Sign in, refresh and sign out.',
  mfa: 'Complete a sign-in with a second factor.',
  magicLink: 'Sign in with an emailed link.',
  passkeys: 'Sign in with passkeys, and manage your own.',
  oauth: 'Sign in with an OpenID Connect provider.',
  password: 'Reset or change a password.',
  reauthentication: 'Prove who you are again before a sensitive action.',
  profile: 'Your own account.',
  avatar: 'The image of a user.',
  emailChange: 'Change your email address.',
  sessions: 'The devices you are signed in on.',
  totp: 'Two-factor authentication with an authenticator app.',
  recoveryCodes: 'Codes that replace the authenticator app once each.',
  identities: 'Sign-in providers linked to your account.',
  apiKeys: 'API keys for your programs.',
  securityLog: 'What happened to your account.',
  organizations: 'Organizations and their settings.',
  members: 'The members of an organization.',
  roles: 'Built-in and custom roles of an organization.',
  invitations: 'Invite people to an organization.',
  ownershipTransfers: 'Hand an organization over to another member.',
  auditLog: 'What happened in an organization.',
  admin: 'For platform staff with two-factor authentication.',
  wellKnown: 'Well-known URLs and metadata of the service.',
} as const;

type Resource = keyof typeof tags;

/** @throws Error if the id does not start with a known resource */
export function resourceOf(operationId: string): Resource {
  const [resource = ''] = operationId.split('.', 1);
  if (!isResource(resource))
    throw new Error(`The operation ${operationId} starts with no resource of openapi/tags.ts.`);
  return resource;
}

function isResource(name: string): name is Resource {
  return Object.hasOwn(tags, name);
}
