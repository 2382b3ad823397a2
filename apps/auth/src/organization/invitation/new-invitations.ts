import { ProblemError, type createInvitations, type Invitation, type RequestOf } from '#libs/contracts';
import { newId } from '#libs/database';
import { randomToken } from '#libs/encryption';
import type { Tenant } from '../organization/organization-access';
import { roleToGive, type StoredRole } from '../organization/roles';
import { insertInvitations, invitationsById, revokeExpired, viewOf } from './invitations.table';
import { Standing } from './standing';

type Wish = RequestOf<typeof createInvitations>['invitations'][number];

export interface Outcome {
  readonly email: string;
  readonly result: Made | ProblemError;
}

export interface Made {
  readonly invitation: Invitation;
  readonly selector: string;
}

interface Row {
  readonly id: string;
  readonly email: string;
  readonly selector: string;
  readonly role: StoredRole;
}

export const newSelector = () => randomToken(16);

/** Writes all valid invitations with a few statements, because the organization is locked meanwhile. */
export async function inviteAll(tenant: Tenant, wishes: readonly Wish[]): Promise<Outcome[]> {
  const roles = await rolesOf(tenant, wishes);
  const standing = await Standing.of(
    tenant,
    wishes.map(({ email }) => email),
  );
  const judged = wishes.map(({ email, role }) => ({ email, judged: judge(email, roles.get(role), standing) }));
  const rows = judged.flatMap(({ judged: row }) => (row instanceof ProblemError ? [] : [row]));
  await write(tenant, rows);
  const ids = rows.map(({ id }) => id);
  const views = new Map(
    (await invitationsById(tenant.manager, tenant.organizationId, ids)).map((row) => [row.id, viewOf(row)]),
  );
  return judged.map(({ email, judged: row }) => {
    if (row instanceof ProblemError) return { email, result: row };
    const invitation = views.get(row.id);
    if (invitation === undefined) throw new Error('The invitation that was just written is not there.');
    return { email, result: { invitation, selector: row.selector } };
  });
}

/** Looks up each requested role once. */
async function rolesOf(tenant: Tenant, wishes: readonly Wish[]): Promise<Map<string, StoredRole | ProblemError>> {
  const roles = new Map<string, StoredRole | ProblemError>();
  for (const role of new Set(wishes.map((wish) => wish.role))) {
    roles.set(role, await roleToGive(tenant, role).catch(problemOnly));
  }
  return roles;
}

function judge(email: string, role: StoredRole | ProblemError | undefined, standing: Standing): Row | ProblemError {
  if (role === undefined) throw new Error('A role was not looked up.');
  if (role instanceof ProblemError) return role;
  try {
    standing.admit(email);
  } catch (error) {
    return problemOnly(error);
  }
  return { id: newId(), email, selector: newSelector(), role };
}

function problemOnly(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  throw error;
}

async function write(tenant: Tenant, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const emails = rows.map(({ email }) => email);
  await revokeExpired(tenant.manager, tenant.organizationId, emails);
  await insertInvitations(tenant.manager, tenant, rows);
}
