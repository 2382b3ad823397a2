import type { Role } from './roles';

/** A caller of a route: its credentials and its rights. */
export interface Caller {
  /** The column in the matrix. */
  readonly name: string;
  readonly who: string;
  readonly credential: 'none' | 'token' | 'cookie' | 'api_key';
  /** What happened to the user before the call, while the caller still has the credentials. */
  readonly gone: 'signed_out' | 'suspended' | null;
  /** The last authentication is older than ten minutes. */
  readonly stale: boolean;
  /** Which of the two things that only our own pages can send is missing in a browser's request, if any. */
  readonly lacks: 'origin' | 'csrf_token' | null;
  /** Whether an API key has only the scope that the route names, or all the others. */
  readonly scope: 'right' | 'all_others' | null;
  /** Names another user's data wherever the path names data of a user. */
  readonly meddles: boolean;
  /** The role in the organization that the path names. As with scopes, there are two custom roles. */
  readonly role: Role | 'custom' | 'other_custom' | null;
  /** Names data of another organization in the path of its own organization. */
  readonly strays: boolean;
  /** The platform role. `one_factor` is an admin who signed in with only a password. */
  readonly staff: 'support' | 'admin' | 'one_factor' | null;
  /** Staff who impersonate the user. */
  readonly acting: 'looking' | 'changing' | null;
  /** The state of that organization. */
  readonly organization: 'open' | 'suspended' | 'being_deleted';
}

const caller = (name: string, who: string, traits: Partial<Omit<Caller, 'name' | 'who'>> = {}): Caller => ({
  name,
  who,
  credential: 'token',
  gone: null,
  stale: false,
  lacks: null,
  scope: null,
  meddles: false,
  role: null,
  strays: false,
  staff: null,
  acting: null,
  organization: 'open',
  ...traits,
});

/** Each lacks one thing, so that each check is tested. */
export const callers: readonly Caller[] = [
  caller('anonymous', 'Carries no credential.', { credential: 'none' }),
  caller('ended', 'An owner whose session was ended a moment ago.', { gone: 'signed_out', role: 'owner' }),
  caller('person', 'Signed in, and in no organization.'),
  caller('stranger', 'An owner of another organization, who names what belongs to somebody else.', { meddles: true }),
  caller('owner', 'Signed in, and an owner of the organization that the path names, as all whose role is not told.', {
    role: 'owner',
  }),
  caller('owner, astray', 'An owner of it who names a member or a role of another organization within it.', {
    role: 'owner',
    strays: true,
  }),
  caller('admin', 'An admin of it.', { role: 'admin' }),
  caller('member', 'A member of it.', { role: 'member' }),
  caller('viewer', 'A viewer of it.', { role: 'viewer' }),
  caller('custom role', 'Has a custom role in it with nothing but the permission that the route names.', {
    role: 'custom',
  }),
  caller('other role', 'Has a custom role in it with every permission but the one that the route names.', {
    role: 'other_custom',
  }),
  caller('stale', 'Signed in eleven minutes ago.', { stale: true, role: 'owner' }),
  caller('other site', 'The browser of who is signed in, made by a page of another site to send its cookies.', {
    credential: 'cookie',
    lacks: 'origin',
    role: 'owner',
  }),
  caller('no CSRF token', 'The browser of who is signed in, sending its cookies without the CSRF token.', {
    credential: 'cookie',
    lacks: 'csrf_token',
    role: 'owner',
  }),
  caller('key', 'An API key with nothing but the scope that the route names, or with all where it names none.', {
    credential: 'api_key',
    scope: 'right',
    role: 'owner',
  }),
  caller('other key', 'An API key with every scope but the one that the route names.', {
    credential: 'api_key',
    scope: 'all_others',
    role: 'owner',
  }),
  caller('suspended', 'An owner who was suspended a moment ago.', { gone: 'suspended', role: 'owner' }),
  caller('suspended key', 'The API key of somebody who was suspended.', {
    credential: 'api_key',
    scope: 'right',
    gone: 'suspended',
    role: 'owner',
  }),
  caller('owner, closed', 'An owner of an organization that the operators have suspended.', {
    role: 'owner',
    organization: 'suspended',
  }),
  caller('admin, leaving', 'An admin of an organization whose deletion was asked for.', {
    role: 'admin',
    organization: 'being_deleted',
  }),
  caller('support', 'Of the platform’s staff, signed in with two factors, and in no organization.', {
    staff: 'support',
  }),
  caller('staff admin', 'An admin of the staff, as above.', { staff: 'admin' }),
  caller('one factor', 'An admin of the staff who signed in with a password alone.', { staff: 'one_factor' }),
  caller('looking', 'Somebody of the staff who acts as an owner of the organization, to look.', {
    role: 'owner',
    acting: 'looking',
  }),
  caller('acting', 'An admin of the staff who acts as an owner of the organization, with write access.', {
    role: 'owner',
    acting: 'changing',
  }),
];
