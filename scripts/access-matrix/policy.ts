/**
 * Who may call a route, said by hand and apart from the code that enforces it: the guards and the contracts are judged by
 * this, so nothing here is derived from them.
 */
export type Policy = Anyone | SignedIn;

/** No credential is looked at. What the request itself carries (a mailed token, a password) is the act's own business. */
interface Anyone {
  readonly name: string;
  readonly to: 'anyone';
}

/** A person who is signed in, or one of their API keys where a scope is named. */
interface SignedIn {
  readonly name: string;
  readonly to: 'person';
  /** What an API key needs. Null: no key is let in, whatever its scopes. */
  readonly scope: Scope | null;
  /** The last sign-in, or step-up, is at most ten minutes old. */
  readonly recent: boolean;
  /** The path names something that belongs to one person, and is not there for anybody else. */
  readonly own: boolean;
}

export const scopes = ['profile:read', 'profile:write'] as const;
export type Scope = (typeof scopes)[number];

const signedIn = (name: string, terms: Partial<Omit<SignedIn, 'name' | 'to'>> = {}): SignedIn => ({
  name,
  to: 'person',
  scope: null,
  recent: false,
  own: false,
  ...terms,
});

export const anyone: Policy = { name: 'anyone', to: 'anyone' };
export const person = signedIn('person');
export const personOrKey = (scope: Scope) => signedIn(`person or key with ${scope}`, { scope });
export const recentPerson = signedIn('person, recent', { recent: true });
export const ownPerson = signedIn('person, own', { own: true });
export const recentOwnPerson = signedIn('person, recent, own', { recent: true, own: true });

/** In words. */
export function meaningOf(policy: Policy): string {
  if (policy.to === 'anyone') return 'Anyone, signed in or not.';
  const { recent, own, scope } = policy;
  return [
    'Whoever is signed in',
    recent ? ', and proved who they are in the last ten minutes' : '',
    own ? ', to what is their own: what is another’s is not there for them' : '',
    scope === null ? '' : `; an API key with \`${scope}\``,
    '.',
  ].join('');
}
