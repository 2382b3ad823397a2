import type { Permission } from './roles';

/**
 * Who may call a route, said by hand and apart from the code that enforces it: the guards and the contracts are judged by
 * this, so nothing here is derived from them.
 */
export type Policy = Anyone | NamedSession | SignedIn | Member | Staff;

/** No credential is looked at. What the request itself carries (a mailed token, a password) is the act's own business. */
interface Anyone {
  readonly to: 'anyone';
}

/**
 * Whoever names a session that is theirs, even if it or its tokens have expired. Nothing else is asked, as for signing out. Cookies
 * name it only from our own pages, and an API key is no session.
 */
interface NamedSession {
  readonly to: 'session';
}

interface Terms {
  /** What an API key needs. Null: no key is let in, whatever its scopes. */
  readonly scope: Scope | null;
  /** The last sign-in, or step-up, is at most ten minutes old. */
  readonly recent: boolean;
  /**
   * What staff who act as the person may do here: look where they may look, and change where they may change; or nothing, as
   * with all that has to be recent.
   */
  readonly acting: 'by_method' | 'never';
}

/** A person who is signed in. */
interface SignedIn extends Terms {
  readonly to: 'person';
  /** The path names something that belongs to one person, and is not there for anybody else. */
  readonly own: boolean;
}

/** A member of the organization that the path names. */
interface Member extends Terms {
  readonly to: 'member';
  /** What their role must allow. Null: any role will do. */
  readonly permission: Permission | null;
  /** The path names something inside of it, too, which is not there from within another organization. */
  readonly inside: boolean;
  /** The act ends something of the member's own, so it works while the organization is suspended. */
  readonly evenSuspended: boolean;
}

/** The operators of the platform, signed in with two factors. An admin may do what support may. */
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

/** As the page names it. */
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
