import { ProblemError, type Actor, type RpcContract, type SessionActor } from '#libs/contracts';
import { requireAccess } from './access';

const id = '0198c0de-0000-7000-8000-000000000000';
const bystander = { userId: id, organizationId: null, roles: [] };
const signedIn = (changes: Partial<SessionActor> = {}): SessionActor => ({
  kind: 'session',
  sessionId: id,
  authenticatedAt: Math.floor(Date.now() / 1_000),
  ...bystander,
  ...changes,
});

type Policy = Pick<RpcContract, 'access' | 'scope' | 'staffRole' | 'effect'>;
const policy = (changes: Partial<Policy>): Policy => ({
  access: 'user',
  scope: null,
  staffRole: 'support',
  effect: 'write',
  ...changes,
});

function outcome(changes: Partial<Policy>, actor: Actor | null): string {
  try {
    requireAccess(policy(changes), actor);
    return 'ok';
  } catch (error) {
    return error instanceof ProblemError ? error.code : 'unexpected';
  }
}

it('staff contracts require the role, and report when only the second factor is missing', () => {
  const apiKey: Actor = {
    kind: 'api_key',
    apiKeyId: id,
    scopes: ['profile:read'],
    ...bystander,
    roles: ['staff:admin'],
  };
  const callers: [Actor | null, string, string][] = [
    [signedIn({ roles: ['staff:admin'] }), 'ok', 'ok'],
    [signedIn({ roles: ['staff:support'] }), 'ok', 'permission_denied'],
    [signedIn({ roles: ['staff:mfa_required'] }), 'staff_mfa_required', 'staff_mfa_required'],
    [signedIn(), 'permission_denied', 'permission_denied'],
    [signedIn({ roles: ['admin', 'staff', 'Staff:Admin', 'staff:admin '] }), 'permission_denied', 'permission_denied'],
    [apiKey, 'insufficient_scope', 'insufficient_scope'],
    [null, 'unauthenticated', 'unauthenticated'],
  ];
  for (const [actor, looks, governs] of callers) {
    expect(outcome({ access: 'staff', effect: 'read' }, actor)).toBe(looks);
    expect(outcome({ access: 'staff', staffRole: 'admin' }, actor)).toBe(governs);
  }
});

it('impersonation allows reads, allows writes only with write access, and denies personal and sensitive actions', () => {
  const refused = 'impersonation_read_only';
  const outcomes = (changes: Partial<SessionActor>) => {
    const actor = signedIn({ impersonatorId: id, ...changes });
    const policies: Partial<Policy>[] = [
      { effect: 'read' },
      { effect: 'write' },
      { effect: 'personal' },
      { access: 'recent' },
      { access: 'recent', effect: 'read' },
    ];
    return policies.map((each) => outcome(each, actor));
  };
  expect(outcomes({})).toEqual(['ok', refused, refused, refused, refused]);
  expect(outcomes({ readOnly: true })).toEqual(['ok', refused, refused, refused, refused]);
  expect(outcomes({ readOnly: false })).toEqual(['ok', 'ok', refused, refused, refused]);
  expect(outcome({ access: 'staff', effect: 'read' }, signedIn({ impersonatorId: id, readOnly: false }))).toBe(
    'permission_denied',
  );
});

it('users themselves are not limited by the rules for impersonation', () => {
  for (const effect of ['read', 'write', 'personal'] as const) expect(outcome({ effect }, signedIn())).toBe('ok');
});
