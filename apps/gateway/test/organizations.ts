import {
  acceptOwnership,
  changeMemberRole,
  createOrganization,
  createRole,
  declineOwnership,
  deleteOrganization,
  deleteRole,
  exportAuditEntries,
  getOrganization,
  getOwnershipTransfer,
  leaveOrganization,
  listAuditEntries,
  listMembers,
  listOrganizations,
  listRoles,
  offerOwnership,
  permission,
  removeLogo,
  removeMember,
  renameOrganization,
  restoreOrganization,
  storeLogo,
  updateRole,
  withdrawOwnership,
  type AuditEntry,
  type Member,
  type Organization,
  type OwnershipTransfer,
  type RequestOf,
  type Role,
} from '#libs/contracts';
import { testUserId } from './tokens';

export const testOrganizationId = '01890a5d-ac96-774b-bcce-b302099a8070';

export function organizationWith(overrides: Partial<Organization> = {}): Organization {
  return {
    id: testOrganizationId,
    name: 'Acme',
    slug: 'acme',
    logoUrl: null,
    role: 'owner',
    roleName: 'owner',
    permissions: [...permission.options],
    suspended: false,
    deleteAfter: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

export function memberWith(overrides: Partial<Member> = {}): Member {
  return {
    userId: testUserId,
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    avatarUrl: null,
    role: 'owner',
    roleName: 'owner',
    joinedAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

function roleWith(overrides: Partial<Role> = {}): Role {
  const id = '01890a5d-ac96-774b-bcce-b302099a8071';
  return { id, name: 'Auditor', builtIn: false, permissions: ['audit:read'], ...overrides };
}

const transfer: OwnershipTransfer = {
  fromUserId: testUserId,
  toUserId: '01890a5d-ac96-774b-bcce-b302099a8072',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-08T00:00:00.000Z',
};

export function auditEntryWith(overrides: Partial<AuditEntry> = {}): AuditEntry {
  const hash = '0'.repeat(64);
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8071',
    sequence: 1,
    at: '2026-01-01T00:00:00.000Z',
    actor: { kind: 'session', id: testUserId, credentialId: testUserId, impersonatorId: null },
    act: 'member.role_changed',
    target: { type: 'membership', id: testUserId },
    before: { role: 'member' },
    after: { role: 'admin' },
    requestId: 'request-1',
    ip: '192.0.2.7',
    erasedAt: null,
    proof: { previousHash: hash, hash, detailsHash: hash, salt: '0'.repeat(32) },
    ...overrides,
  };
}

export const organizationContracts = {
  createOrganization,
  listOrganizations,
  getOrganization,
  renameOrganization,
  deleteOrganization,
  restoreOrganization,
  storeLogo,
  removeLogo,
  listMembers,
  changeMemberRole,
  removeMember,
  leaveOrganization,
  listRoles,
  createRole,
  updateRole,
  deleteRole,
  offerOwnership,
  getOwnershipTransfer,
  acceptOwnership,
  declineOwnership,
  withdrawOwnership,
  listAuditEntries,
  exportAuditEntries,
} as const;

const nothing = async () => null;
const theirs = async ({ organizationId }: { readonly organizationId: string }) =>
  organizationWith({ id: organizationId });

/** The organization part of an auth service that allows everything: every user owns every organization. */
export const agreeableOrganizations = {
  createOrganization: async ({ name }: RequestOf<typeof createOrganization>) => organizationWith({ name }),
  listOrganizations: async () => ({ data: [organizationWith()], nextCursor: null }),
  getOrganization: theirs,
  renameOrganization: async ({ organizationId, name }: RequestOf<typeof renameOrganization>) =>
    organizationWith({ id: organizationId, name }),
  deleteOrganization: async ({ organizationId }: RequestOf<typeof deleteOrganization>) =>
    organizationWith({ id: organizationId, deleteAfter: '2026-02-01T00:00:00.000Z' }),
  restoreOrganization: theirs,
  storeLogo: theirs,
  removeLogo: nothing,
  listMembers: async () => ({ data: [memberWith()], nextCursor: null }),
  changeMemberRole: async ({ userId, role }: RequestOf<typeof changeMemberRole>) => memberWith({ userId, role }),
  removeMember: nothing,
  leaveOrganization: nothing,
  listRoles: async () => ({ data: [roleWith()] }),
  createRole: async ({ name, permissions }: RequestOf<typeof createRole>) => roleWith({ name, permissions }),
  updateRole: async ({ roleId, name, permissions }: RequestOf<typeof updateRole>) =>
    roleWith({
      id: roleId,
      ...(name === undefined ? {} : { name }),
      ...(permissions === undefined ? {} : { permissions }),
    }),
  deleteRole: nothing,
  offerOwnership: async ({ userId }: RequestOf<typeof offerOwnership>) => ({ ...transfer, toUserId: userId }),
  getOwnershipTransfer: async () => transfer,
  acceptOwnership: theirs,
  declineOwnership: nothing,
  withdrawOwnership: nothing,
  listAuditEntries: async () => ({ data: [auditEntryWith()], nextCursor: null }),
  exportAuditEntries: async () => ({ data: [auditEntryWith()], nextCursor: null }),
};
