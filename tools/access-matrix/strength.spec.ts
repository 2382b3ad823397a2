import { callers, type Caller } from './callers';
import { checks, expected } from './expectation';
import { anyone, member, namedSession, person, scopes, staff, type Policy } from './policy';
import { customPermissions, permissions } from './roles';
import { declaredRoutes, policies } from './routes';
import { roleOf, scopesOf } from './stage';

/**
 * Checks what the matrix would notice. Each caller is made for the declared policy, while these outcomes
 * are those of code that enforces another policy or forgets a check. They must differ for some caller, or
 * the matrix would pass with wrong code.
 */
function rowOf(route: string, declared: Policy, enforced: Policy, made = checks): string[] {
  return callers.map((caller) => expected(enforced, { route, caller: seenBy(enforced, caller, declared) }, made));
}

/** A caller with the scopes and permissions of the declared policy, as the enforced policy sees it. */
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

/** All other policies of a route that differ in one term, or in who is admitted at all. */
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

/** Two policies that no caller can distinguish count as one. */
function meaning(policy: Policy): string {
  if (policy.to !== 'person' && policy.to !== 'member') return JSON.stringify(policy);
  const terms = { ...policy, acting: policy.recent ? 'never' : policy.acting };
  if (policy.to === 'person' || policy.permission === null) return JSON.stringify(terms);
  // Of the permissions that no custom role can have, owners have all and others have none.
  const permission = customPermissions.includes(policy.permission) ? policy.permission : 'beyond custom roles';
  return JSON.stringify({ ...terms, permission });
}

it.each(declaredRoutes)('%s: fails if its code enforces any other policy', (route) => {
  const declared = policies[route];
  const promised = rowOf(route, declared, declared).join();
  const unnoticed = otherPolicies(declared)
    .filter((enforced) => meaning(enforced) !== meaning(declared))
    .filter((enforced) => rowOf(route, declared, enforced).join() === promised);
  expect(unnoticed).toEqual([]);
});

it.each(checks.map((check, index) => [index, check[0], check] as const))(
  'fails if check %i (%s) is made nowhere',
  (_index, _code, forgotten) => {
    const made = checks.filter((check) => check !== forgotten);
    const noticed = declaredRoutes.filter((route) => {
      const policy = policies[route];
      return rowOf(route, policy, policy, made).join() !== rowOf(route, policy, policy).join();
    });
    expect(noticed).not.toEqual([]);
  },
);
