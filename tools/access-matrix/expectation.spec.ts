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

describe('a policy', () => {
  it('for anyone refuses no caller', () => {
    expect(new Set(Object.values(rowOf(anyone)))).toEqual(new Set(['admitted']));
  });

  it('for a person refuses callers without a session, API keys and pages of other sites', () => {
    expect(rowOf(person())).toEqual(signedIn);
  });

  it('for reads allows pages of other sites, which cannot read the response, and impersonation', () => {
    expect(rowOf(person(), 'GET /x')).toEqual({
      ...signedIn,
      'other site': 'admitted',
      'no CSRF token': 'admitted',
      looking: 'admitted',
    });
  });

  it('with a scope admits only the key that has it', () => {
    expect(rowOf(person({ scope: 'profile:read' }))).toEqual({ ...signedIn, key: 'admitted' });
  });

  it('with recent refuses an old sign-in', () => {
    expect(rowOf(person({ recent: true }))).toEqual({
      ...signedIn,
      stale: 'reauthentication_required',
      acting: 'impersonation_read_only',
    });
  });

  it('for a session admits any caller who names one in any state, except keys and pages of other sites', () => {
    const refused = { 'other site': 'csrf_failed', 'no CSRF token': 'csrf_failed' };
    const keys = {
      key: 'insufficient_scope',
      'other key': 'insufficient_scope',
      'suspended key': 'insufficient_scope',
    };
    expect(rowOf(namedSession)).toEqual({ ...rowOf(anyone), ...refused, ...keys });
  });

  it('with "acting: never" refuses impersonation', () => {
    expect(rowOf(person({ acting: 'never' }))).toEqual({ ...signedIn, acting: 'impersonation_read_only' });
  });

  it('with own hides data from other users', () => {
    expect(rowOf(person({ own: true }))).toEqual({ ...signedIn, stranger: 'not_found' });
  });

  it('for a member admits any role and hides the organization from everyone else', () => {
    expect(rowOf(member(null))).toEqual(inside);
  });

  it('with even suspended admits members of a suspended organization', () => {
    expect(rowOf(member(null, { evenSuspended: true }))).toEqual({ ...inside, 'owner, closed': 'admitted' });
  });

  it('with a permission admits the roles that have it, and the custom role that has only that', () => {
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

  it('with inside hides data from another organization', () => {
    const row = rowOf(member('organization:read', { inside: true }));
    expect(row).toEqual({ ...inside, 'owner, astray': 'not_found', 'other role': denied });
  });

  it('with recent checks the sign-in before it reveals anything about the organization', () => {
    expect(rowOf(member('organization:transfer', { recent: true }))).toEqual({
      ...inside,
      ...allDenied,
      stale: 'reauthentication_required',
      acting: 'impersonation_read_only',
    });
  });

  it('for staff admits platform staff with two factors, and no impersonation', () => {
    const outsiders = Object.entries(signedIn).map(([name, code]) => [name, code === 'admitted' ? denied : code]);
    const denials = { ...Object.fromEntries(outsiders), looking: denied, acting: denied };
    const admitted = { 'one factor': 'staff_mfa_required', 'staff admin': 'admitted' };
    expect(rowOf(staff('support'))).toEqual({ ...denials, ...admitted, support: 'admitted' });
    expect(rowOf(staff('admin'))).toEqual({ ...denials, ...admitted });
  });
});

describe('the outcome of a response', () => {
  it.each([200, 202, 204, 302, 303])('is admitted for status %i', (status) => {
    expect(outcomeOf({ status, code: undefined }, undefined)).toBe('admitted');
  });

  it.each(refusals)('is a refusal for %s', (code) => {
    expect(outcomeOf({ status: 403, code }, undefined)).toBe(code);
  });

  it('is admitted for the error that the sample expects of the route itself', () => {
    expect(outcomeOf({ status: 400, code: 'token_invalid' }, 'token_invalid')).toBe('admitted');
  });

  it.each([
    [422, 'validation_failed'],
    [429, 'rate_limited'],
    [500, 'internal_error'],
    [503, 'service_unavailable'],
    [405, 'method_not_allowed'],
    [400, 'token_invalid'],
  ])('is unclear for %i %s, and never taken for either', (status, code) => {
    expect(outcomeOf({ status, code }, 'token_used')).toBe(`unclear: ${status} ${code}`);
  });

  it('is unclear for an error that is not one of our problems', () => {
    expect(outcomeOf({ status: 502, code: undefined }, undefined)).toBe('unclear: 502 ');
  });
});
