import { callers } from './callers';
import { expected } from './expectation';
import { outcomeOf, refusals } from './outcome';
import { anyone, ownPerson, person, personOrKey, recentOwnPerson, recentPerson, type Policy } from './policy';

const rowOf = (policy: Policy, route = 'POST /x') =>
  Object.fromEntries(callers.map((caller) => [caller.name, expected(policy, { route, caller })]));

const closed = {
  anonymous: 'unauthenticated',
  ended: 'unauthenticated',
  person: 'admitted',
  stale: 'admitted',
  stranger: 'admitted',
  'other site': 'csrf_failed',
  'no CSRF token': 'csrf_failed',
  key: 'insufficient_scope',
  'other key': 'insufficient_scope',
};

describe('what a policy means', () => {
  it('anyone: nobody is refused', () => {
    expect(new Set(Object.values(rowOf(anyone)))).toEqual(new Set(['admitted']));
  });

  it('a person: nobody who is not signed in, no key, and no foreign page', () => {
    expect(rowOf(person)).toEqual(closed);
  });

  it('reading: a foreign page may cause it, as it cannot read the answer', () => {
    expect(rowOf(person, 'GET /x')).toEqual({ ...closed, 'other site': 'admitted', 'no CSRF token': 'admitted' });
  });

  it('a scope: the key that has it, and no other', () => {
    expect(rowOf(personOrKey('profile:read'))).toEqual({ ...closed, key: 'admitted' });
  });

  it('recent: not who signed in a while ago', () => {
    expect(rowOf(recentPerson)).toEqual({ ...closed, stale: 'reauthentication_required' });
  });

  it('own: for another it is not there', () => {
    expect(rowOf(ownPerson)).toEqual({ ...closed, stranger: 'not_found' });
    expect(rowOf(recentOwnPerson)).toMatchObject({ stale: 'reauthentication_required', stranger: 'not_found' });
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
