import { createInvitation, createInvitations, type Invitation, type RequestOf } from '#libs/contracts';
import { newId } from '#libs/database';
import { eventually } from '#libs/testing';
import type { User } from '../src/account/user/users.table';
import { as } from './as';
import { untilHandled, type TestAuth } from './auth';
import { anOrganization, everywhere } from './organizations';

export const anAddress = () => `${newId()}@example.com`;

type Role = RequestOf<typeof createInvitation>['role'];

export function invite(
  auth: TestAuth,
  by: User,
  organizationId: string,
  email: string,
  role: Role = 'member',
): Promise<Invitation> {
  return auth.rpc.call(createInvitation, { organizationId, email, role }, as(by));
}

export async function inviteAll(auth: TestAuth, by: User, organizationId: string, emails: readonly string[]) {
  const invitations = emails.map((email) => ({ email, role: 'member' as const }));
  return (await auth.rpc.call(createInvitations, { organizationId, invitations }, as(by))).data;
}

/** An organization, its owner, and an invitation with the emailed token. */
export async function anInvitation(auth: TestAuth, email = anAddress(), role: Role = 'member') {
  const { owner, organization } = await anOrganization(auth);
  const invitation = await invite(auth, owner, organization.id, email, role);
  const token = await auth.mailedToken(email, 'invitation');
  return { owner, organization, id: organization.id, email, invitation, token };
}

/** Waits for the email after the first `count` ones and returns its token. */
export function nextToken(auth: TestAuth, email: string, before: number): Promise<string> {
  return eventually(async () => {
    const mail = (await auth.mailsTo(email)).filter(({ template }) => template === 'invitation')[before];
    return mail !== undefined && 'url' in mail ? mail.url.split('#token=')[1] : undefined;
  });
}

/** How many invitations were emailed to the address, after all requests were handled. */
export async function invitationsMailed(auth: TestAuth, email: string): Promise<number> {
  await untilHandled(auth);
  return (await auth.mailsTo(email)).filter(({ template }) => template === 'invitation').length;
}

export async function expire(auth: TestAuth, { id }: Pick<Invitation, 'id'>, ago = '1 second'): Promise<void> {
  await everywhere(auth, 'UPDATE invitations SET expires_at = now() - $2::interval WHERE id = $1', [id, ago]);
}

export async function limitSeats(auth: TestAuth, organizationId: string, seats: number | null): Promise<void> {
  await everywhere(auth, 'UPDATE organizations SET seat_limit = $2 WHERE id = $1', [organizationId, seats]);
}

export async function rolesIn(auth: TestAuth, organizationId: string): Promise<string[]> {
  const sql = 'SELECT role FROM memberships WHERE organization_id = $1 ORDER BY role DESC';
  return (await everywhere(auth, sql, [organizationId])).map(({ role }) => String(role));
}
