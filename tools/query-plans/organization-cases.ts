import {
  exportAuditEntries,
  getOrganization,
  getOwnershipTransfer,
  listAuditEntries,
  listInvitations,
  listMembers,
  listOrganizations,
  listRoles,
  lookAtInvitation,
  type AuditFilter,
} from '#libs/contracts';
import { aCase, aToken, deepIn, turn, type Case, type Setting } from './cases';
import { asOwner, asUser } from './subjects';

const hashed = 20;
/** The check that every request to an organization starts with, alone. */
export const admissionTitle = 'organization';

/** What members request about their organization: for many organizations, and for the largest one. */
export async function organizationCases(setting: Setting): Promise<Case[]> {
  const { auth, subjects, deepest } = setting;
  const { people, busiest, tenants, largest } = subjects;
  const [busy, owner] = [asUser(busiest), asOwner(largest)];
  const some = (n: number) => turn(tenants, n);
  const of = (n: number) => ({ organizationId: some(n).id });
  const big = { organizationId: largest.id };
  const mine = await deepIn(Math.min(2, deepest), (after) =>
    auth.call(listOrganizations, { limit: 50, ...after }, busy),
  );
  const members = await deepIn(Math.min(14, deepest), (after) =>
    auth.call(listMembers, { ...big, limit: 100, ...after }, owner),
  );
  return [
    aCase('one’s organizations', (n) => auth.call(listOrganizations, {}, asUser(turn(people, n)))),
    aCase('one’s organizations, last page of 150', () => auth.call(listOrganizations, { limit: 50, ...mine }, busy)),
    aCase(admissionTitle, (n) => auth.call(getOrganization, of(n), asOwner(some(n)))),
    aCase('organization, by a stranger', (n) => auth.call(getOrganization, of(n), asUser(turn(people, n)))),
    aCase('members', (n) => auth.call(listMembers, of(n), asOwner(some(n)))),
    aCase('members of the largest', () => auth.call(listMembers, { ...big, limit: 100 }, owner)),
    aCase('members of the largest, page 15', () => auth.call(listMembers, { ...big, limit: 100, ...members }, owner)),
    aCase('roles', (n) => auth.call(listRoles, of(n), asOwner(some(n)))),
    aCase('roles of the largest', () => auth.call(listRoles, big, owner)),
    aCase('offer of ownership', (n) => auth.call(getOwnershipTransfer, of(n), asOwner(some(n)))),
    ...(await invitationCases(setting)),
    ...(await auditCases(setting)),
  ];
}

async function invitationCases({ auth, subjects: { tenants, largest }, deepest }: Setting): Promise<Case[]> {
  const some = (n: number) => turn(tenants, n);
  const [big, owner] = [{ organizationId: largest.id }, asOwner(largest)];
  const deep = await deepIn(Math.min(100, deepest), (after) =>
    auth.call(listInvitations, { ...big, limit: 100, ...after }, owner),
  );
  return [
    aCase('invitations', (n) => auth.call(listInvitations, { organizationId: some(n).id }, asOwner(some(n)))),
    aCase('invitations of the largest', () => auth.call(listInvitations, { ...big, limit: 100 }, owner)),
    aCase('invitations of the largest, page 101', () =>
      auth.call(listInvitations, { ...big, limit: 100, ...deep }, owner),
    ),
    aCase('pending invitations', () => auth.call(listInvitations, { ...big, limit: 100, state: 'pending' }, owner)),
    aCase('declined invitations, none', () =>
      auth.call(listInvitations, { ...big, limit: 100, state: 'declined' }, owner),
    ),
    aCase('link of an invitation, unknown', () => auth.call(lookAtInvitation, { token: aToken('invitation') }), hashed),
  ];
}

async function auditCases({ auth, subjects: { tenants, largest }, deepest }: Setting): Promise<Case[]> {
  const some = (n: number) => turn(tenants, n);
  const [big, owner] = [{ organizationId: largest.id }, asOwner(largest)];
  const list = (filter: AuditFilter & { cursor?: string }) =>
    auth.call(listAuditEntries, { ...big, limit: 100, ...filter }, owner);
  const deep = await deepIn(Math.min(50, deepest), list);
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const month = (n: number) => ({ from: ago(n + 60), to: ago(n + 30) });
  const [actor, act, rare] = [largest.memberId, 'member.joined', 'organization.logo_changed'] as const;
  return [
    aCase('audit log', (n) => auth.call(listAuditEntries, { organizationId: some(n).id }, asOwner(some(n)))),
    aCase('audit log of the largest', () => list({})),
    aCase('audit log of the largest, page 51', () => list(deep)),
    aCase('audit log: who', () => list({ actor })),
    aCase('audit log: what, often', () => list({ act })),
    aCase('audit log: what, seldom', () => list({ act: rare })),
    aCase('audit log: what, never', () => list({ act: 'role.deleted' })),
    aCase('audit log: on whom', () => list({ target: actor })),
    aCase('audit log: when', (n) => list(month(n))),
    aCase('audit log: who did what', () => list({ actor, act })),
    aCase('audit log: who did what never', () => list({ actor, act: rare })),
    aCase('audit log: who did what when', (n) => list({ actor, act, ...month(n) })),
    aCase('audit log: what seldom, when', (n) => list({ act: rare, ...month(n) })),
    aCase('audit log, a part of an export (500)', () => auth.call(exportAuditEntries, { ...big, ...deep }, owner)),
  ];
}
