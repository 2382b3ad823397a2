import type { Permission } from './roles';

/**
 * Who can call a route, declared by hand and independently of the code that enforces it. The guards and
 * contracts are tested against this, so nothing here is derived from them.
 */
export type Policy = Anyone | NamedSession | SignedIn | Member | Staff;

/** Ignores credentials. The route itself checks what the request contains, such as an emailed token or a password. */
interface Anyone {
  readonly to: 'anyone';
}

/**
 * Any caller who names a session of their own, even if it or its tokens have expired, as for signing out.
 * Cookies name it only from our own pages, and an API key is not a session.
 */
interface NamedSession {
  readonly to: 'session';
}

interface Terms {
  /** The scope that an API key needs. With null, no API key is admitted. */
  readonly scope: Scope | null;
  /** The last sign-in or step-up authentication is at most ten minutes old. */
  readonly recent: boolean;
  /**
   * What staff can do while they impersonate the user: read, or write with write access; or nothing, as with
   * everything that has to be recent.
   */
  readonly acting: 'by_method' | 'never';
}

/** A signed-in user. */
interface SignedIn extends Terms {
  readonly to: 'person';
  /** The path names data of one user, which is hidden from everyone else. */
  readonly own: boolean;
}

/** A member of the organization that the path names. */
interface Member extends Terms {
  readonly to: 'member';
  /** The permission that the role needs. Null: any role is enough. */
  readonly permission: Permission | null;
  /** The path also names data inside the organization, which is hidden from other organizations. */
  readonly inside: boolean;
  /** The route ends something of the member's own, so it works while the organization is suspended. */
  readonly evenSuspended: boolean;
}

/** Platform staff who signed in with two factors. Admins can do everything that support can. */
interface Staff {
  readonly to: 'staff';
  readonly role: 'support' | 'admin';
}

export const scopes = ['profile:read', 'profile:write', 'organizations:read', 'organizations:write'] as const;
export type Scope = (typeof scopes)[number];

type Given<T> = Partial<Omit<T, 'to'>>;

const usual: Terms = { scope: null, recent: false, acting: 'by_method' };

export const anyone: Policy = { to: 'anyone' };
export const namedSession: Policy = { to: 'session' };

export function person(terms: Given<SignedIn> = {}): Policy {
  return { to: 'person', ...usual, own: false, ...terms };
}

export function member(permission: Permission | null, terms: Given<Member> = {}): Policy {
  return { to: 'member', permission, ...usual, inside: false, evenSuspended: false, ...terms };
}

export function staff(role: Staff['role']): Policy {
  return { to: 'staff', role };
}

/** The policy's name on the page. */
export function nameOf(policy: Policy): string {
  if (policy.to === 'anyone') return 'anyone';
  if (policy.to === 'session') return 'session';
  if (policy.to === 'staff') return `staff: ${policy.role}`;
  const who = policy.to === 'member' ? `member: ${policy.permission ?? 'any'}` : policy.own ? 'person, own' : 'person';
  const { recent, acting, scope } = policy;
  return [
    who,
    ...(policy.to === 'member' && policy.evenSuspended ? ['even suspended'] : []),
    ...(recent ? ['recent'] : []),
    ...(acting === 'never' ? ['themselves'] : []),
    ...(scope === null ? [] : [`key: ${scope}`]),
  ].join(', ');
}
