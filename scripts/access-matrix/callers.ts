/** Somebody who calls a route: what they carry, and what they may. */
export interface Caller {
  /** The matrix' column. */
  readonly name: string;
  readonly who: string;
  readonly credential: 'none' | 'token' | 'cookie' | 'api_key';
  /** The session, and with it the token, ended before the call. */
  readonly ended: boolean;
  /** The last proof of who they are is older than ten minutes. */
  readonly stale: boolean;
  /** What a browser's request lacks of the two things that only our own pages can send. Null: nothing. */
  readonly lacks: 'origin' | 'csrf_token' | null;
  /** Whether an API key has the scope that the route names; the other one has all the others. */
  readonly scope: 'right' | 'all_others' | null;
  /** Names what belongs to somebody else wherever the path names something. */
  readonly meddles: boolean;
}

const caller = (name: string, who: string, traits: Partial<Omit<Caller, 'name' | 'who'>> = {}): Caller => ({
  name,
  who,
  credential: 'token',
  ended: false,
  stale: false,
  lacks: null,
  scope: null,
  meddles: false,
  ...traits,
});

export const callers: readonly Caller[] = [
  caller('anonymous', 'Carries no credential.', { credential: 'none' }),
  caller('ended', 'A token whose session was ended a moment ago.', { ended: true }),
  caller('person', 'Signed in just now, in no organisation.'),
  caller('stale', 'Signed in eleven minutes ago.', { stale: true }),
  caller('stranger', 'Signed in just now, and names what belongs to somebody else.', { meddles: true }),
  caller('other site', 'A page of another site that makes the browser of who is signed in send its cookies.', {
    credential: 'cookie',
    lacks: 'origin',
  }),
  caller('no CSRF token', 'A browser that sends the cookies of who is signed in without the CSRF token.', {
    credential: 'cookie',
    lacks: 'csrf_token',
  }),
  caller('key', 'An API key with the one scope that the route names, or with all where it names none.', {
    credential: 'api_key',
    scope: 'right',
  }),
  caller('other key', 'An API key with every scope but the one that the route names.', {
    credential: 'api_key',
    scope: 'all_others',
  }),
];
