import {
  createOrganization,
  exportAuditEntries,
  getOrganization,
  listAuditEntries,
  listMembers,
  listOrganizations,
  permission,
  renameOrganization,
  type AuditEntry,
  type Member,
  type Organization,
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
  listMembers,
  listAuditEntries,
  exportAuditEntries,
} as const;

/** The part of an agreeable auth that is about organisations: everybody owns whichever is asked for. */
export const agreeableOrganizations = {
  createOrganization: async ({ name }: { readonly name: string }) => organizationWith({ name }),
  listOrganizations: async () => ({ data: [organizationWith()], nextCursor: null }),
  getOrganization: async ({ organizationId }: { readonly organizationId: string }) =>
    organizationWith({ id: organizationId }),
  renameOrganization: async ({ organizationId, name }: { readonly organizationId: string; readonly name: string }) =>
    organizationWith({ id: organizationId, name }),
  listMembers: async () => ({ data: [memberWith()], nextCursor: null }),
  listAuditEntries: async () => ({ data: [auditEntryWith()], nextCursor: null }),
  exportAuditEntries: async () => ({ data: [auditEntryWith()], nextCursor: null }),
};
