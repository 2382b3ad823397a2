import { callers } from './callers';
import { expected } from './expectation';
import { outcomeOf, refusals } from './outcome';
import { anyone, member, namedSession, person, staff, type Policy } from './policy';

const rowOf = (policy: Policy, route = 'POST /x') =>
  Object.fromEntries(callers.map((caller) => [caller.name, expected(policy, { route, caller })]));

const signedIn = {
  anonymous: 'unauthenticated',
  ended: 'unauthenticated',
  person: 'admitted',
  stranger: 'admitted',
  owner: 'admitted',
  'owner, astray': 'admitted',
  admin: 'admitted',
  member: 'admitted',
  viewer: 'admitted',
  'custom role': 'admitted',
  'other role': 'admitted',
  stale: 'admitted',
  'other site': 'csrf_failed',
  'no CSRF token': 'csrf_failed',
  key: 'insufficient_scope',
  'other key': 'insufficient_scope',
  suspended: 'unauthenticated',
  'suspended key': 'account_suspended',
  'owner, closed': 'admitted',
  'admin, leaving': 'admitted',
  support: 'admitted',
  'staff admin': 'admitted',
  'one factor': 'admitted',
  looking: 'impersonation_read_only',
  acting: 'admitted',
};
const inside = {
  ...signedIn,
  person: 'not_found',
  stranger: 'not_found',
  'owner, closed': 'organization_suspended',
  'admin, leaving': 'not_found',
  support: 'not_found',
  'staff admin': 'not_found',
  'one factor': 'not_found',
};
const denied = 'permission_denied';
const allDenied = { admin: denied, member: denied, viewer: denied, 'custom role': denied, 'other role': denied };

describe('what a policy means', () => {
  it('anyone: nobody is refused', () => {
    expect(new Set(Object.values(rowOf(anyone)))).toEqual(new Set(['admitted']));
  });

  it('a person: nobody who is not signed in, no key, and no foreign page', () => {
    expect(rowOf(person())).toEqual(signedIn);
  });

  it('reading: a foreign page may cause it, as it cannot read the answer, and staff may look as the person', () => {
    expect(rowOf(person(), 'GET /x')).toEqual({
      ...signedIn,
      'other site': 'admitted',
      'no CSRF token': 'admitted',
      looking: 'admitted',
    });
  });

  it('a scope: the key that has it, and no other', () => {
    expect(rowOf(person({ scope: 'profile:read' }))).toEqual({ ...signedIn, key: 'admitted' });
  });

  it('recent: not who signed in a while ago', () => {
    expect(rowOf(person({ recent: true }))).toEqual({
      ...signedIn,
      stale: 'reauthentication_required',
      acting: 'impersonation_read_only',
    });
  });

  it('a session: whoever names one, in whatever state it is, but no key and no foreign page', () => {
    const refused = { 'other site': 'csrf_failed', 'no CSRF token': 'csrf_failed' };
    const keys = {
      key: 'insufficient_scope',
      'other key': 'insufficient_scope',
      'suspended key': 'insufficient_scope',
    };
    expect(rowOf(namedSession)).toEqual({ ...rowOf(anyone), ...refused, ...keys });
  });

  it('acting: staff in the person’s place never', () => {
    expect(rowOf(person({ acting: 'never' }))).toEqual({ ...signedIn, acting: 'impersonation_read_only' });
  });

  it('own: for another it is not there', () => {
    expect(rowOf(person({ own: true }))).toEqual({ ...signedIn, stranger: 'not_found' });
  });

  it('a member: whatever their role, and nobody who is not one learns that there is an organization', () => {
    expect(rowOf(member(null))).toEqual(inside);
  });

  it('even suspended: a suspended organization is not in the way', () => {
    expect(rowOf(member(null, { evenSuspended: true }))).toEqual({ ...inside, 'owner, closed': 'admitted' });
  });

  it('a permission: the roles that have it, and the custom role that has nothing else', () => {
    expect(rowOf(member('organization:read'))).toEqual({ ...inside, 'other role': denied });
    expect(rowOf(member('roles:read'))).toEqual({ ...inside, viewer: denied, 'other role': denied });
    expect(rowOf(member('members:manage'))).toEqual({
      ...inside,
      ...allDenied,
      admin: 'admitted',
      'custom role': 'admitted',
    });
    expect(rowOf(member('billing:manage'))).toEqual({ ...inside, ...allDenied, 'custom role': 'admitted' });
    expect(rowOf(member('organization:delete'))).toEqual({ ...inside, ...allDenied });
  });

  it('inside: from within another organization it is not there', () => {
    const row = rowOf(member('organization:read', { inside: true }));
    expect(row).toEqual({ ...inside, 'owner, astray': 'not_found', 'other role': denied });
  });

  it('the proof of presence is asked for before anything is told of the organization', () => {
    expect(rowOf(member('organization:transfer', { recent: true }))).toEqual({
      ...inside,
      ...allDenied,
      stale: 'reauthentication_required',
      acting: 'impersonation_read_only',
    });
  });

  it('staff: those of the platform who signed in with two factors, and nobody in their place', () => {
    const outsiders = Object.entries(signedIn).map(([name, code]) => [name, code === 'admitted' ? denied : code]);
    const denials = { ...Object.fromEntries(outsiders), looking: denied, acting: denied };
    const admitted = { 'one factor': 'staff_mfa_required', 'staff admin': 'admitted' };
    expect(rowOf(staff('support'))).toEqual({ ...denials, ...admitted, support: 'admitted' });
    expect(rowOf(staff('admin'))).toEqual({ ...denials, ...admitted });
  });
});

describe('what an answer says of its caller', () => {
  it.each([200, 202, 204, 302, 303])('%i lets in', (status) => {
    expect(outcomeOf({ status, code: undefined }, undefined)).toBe('admitted');
  });

  it.each(refusals)('%s is a refusal', (code) => {
    expect(outcomeOf({ status: 403, code }, undefined)).toBe(code);
  });

  it('the act’s own refusal lets in, where the request was made to meet it', () => {
    expect(outcomeOf({ status: 400, code: 'token_invalid' }, 'token_invalid')).toBe('admitted');
  });

  it.each([
    [422, 'validation_failed'],
    [429, 'rate_limited'],
    [500, 'internal_error'],
    [503, 'service_unavailable'],
    [405, 'method_not_allowed'],
    [400, 'token_invalid'],
  ])('%i %s says nothing, which is never taken for either', (status, code) => {
    expect(outcomeOf({ status, code }, 'token_used')).toBe(`unclear: ${status} ${code}`);
  });

  it('neither does an error that is no problem of ours', () => {
    expect(outcomeOf({ status: 502, code: undefined }, undefined)).toBe('unclear: 502 ');
  });
});
