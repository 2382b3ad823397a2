import { callers, type Caller } from './callers';
import { checks, expected } from './expectation';
import { anyone, member, namedSession, person, scopes, staff, type Policy } from './policy';
import { customPermissions, permissions } from './roles';
import { declaredRoutes, policies } from './routes';
import { roleOf, scopesOf } from './stage';

/**
 * What the matrix would notice. Each caller is made for the policy that is declared; here the answers are those of a suite whose
 * code enforces another one, or forgets a check: that must differ for somebody, or the matrix would pass all the same.
 */
function rowOf(route: string, declared: Policy, enforced: Policy, made = checks): string[] {
  return callers.map((caller) => expected(enforced, { route, caller: seenBy(enforced, caller, declared) }, made));
}

/** A caller with the scopes and permissions of what is declared, in the terms of what is enforced. */
function seenBy(enforced: Policy, caller: Caller, declared: Policy): Caller {
  const scope = enforced.to === 'person' || enforced.to === 'member' ? enforced.scope : null;
  const permission = enforced.to === 'member' ? enforced.permission : null;
  const held = roleOf(caller, declared);
  const hasPermission = permission === null || held === null || held.includes(permission);
  return {
    ...caller,
    scope: caller.scope && (scope !== null && scopesOf(caller, declared).includes(scope) ? 'right' : 'all_others'),
    role: typeof held === 'string' || held === null ? caller.role : hasPermission ? 'custom' : 'other_custom',
  };
}

const [yesOrNo, acting] = [[true, false], ['by_method', 'never'] as const];

/** Everything else that could be said of a route: all that differ in one word, and who is let in at all. */
function otherPolicies(policy: Policy): Policy[] {
  const strangers: Policy[] = [anyone, namedSession, staff('support'), staff('admin'), person(), member(null)];
  if (policy.to !== 'person' && policy.to !== 'member') return strangers;
  const terms = [
    ...[null, ...scopes].map((scope) => ({ scope })),
    ...yesOrNo.map((recent) => ({ recent })),
    ...acting.map((by) => ({ acting: by })),
  ].map((change) => ({ ...policy, ...change }));
  if (policy.to === 'person') return [...strangers, ...terms, ...yesOrNo.map((own) => ({ ...policy, own }))];
  const others = [null, ...permissions].map((permission) => ({ ...policy, permission }));
  return [
    ...strangers,
    ...terms,
    ...others,
    ...yesOrNo.flatMap((it) => [
      { ...policy, inside: it },
      { ...policy, evenSuspended: it },
    ]),
  ];
}

/** Two that nobody at all could tell apart are one. */
function meaning(policy: Policy): string {
  if (policy.to !== 'person' && policy.to !== 'member') return JSON.stringify(policy);
  const terms = { ...policy, acting: policy.recent ? 'never' : policy.acting };
  if (policy.to === 'person' || policy.permission === null) return JSON.stringify(terms);
  // Of those that no custom role may hold, an owner has all, and nobody else any.
  const permission = customPermissions.includes(policy.permission) ? policy.permission : 'beyond custom roles';
  return JSON.stringify({ ...terms, permission });
}

it.each(declaredRoutes)('%s: if its code enforced any other policy, the matrix would fail', (route) => {
  const declared = policies[route];
  const promised = rowOf(route, declared, declared).join();
  const unnoticed = otherPolicies(declared)
    .filter((enforced) => meaning(enforced) !== meaning(declared))
    .filter((enforced) => rowOf(route, declared, enforced).join() === promised);
  expect(unnoticed).toEqual([]);
});

it.each(checks.map((check, index) => [index, check[0], check] as const))(
  'if check %i (%s) were made nowhere, the matrix would fail',
  (_index, _code, forgotten) => {
    const made = checks.filter((check) => check !== forgotten);
    const noticed = declaredRoutes.filter((route) => {
      const policy = policies[route];
      return rowOf(route, policy, policy, made).join() !== rowOf(route, policy, policy).join();
    });
    expect(noticed).not.toEqual([]);
  },
);
