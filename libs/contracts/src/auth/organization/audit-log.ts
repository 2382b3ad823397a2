import { controlFree, page, pageRequest, time, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { inOrganization } from './organization';
import { tenantErrors } from './permission';

/** Everything that the audit log records about organizations and about platform staff. */
export const auditActs = [
  'organization.created',
  'organization.updated',
  'organization.logo_changed',
  'organization.logo_removed',
  'organization.deletion_requested',
  'organization.restored',
  'organization.deleted',
  'organization.suspended',
  'organization.reinstated',
  'ownership.offered',
  'ownership.withdrawn',
  'ownership.accepted',
  'ownership.declined',
  'member.joined',
  'member.role_changed',
  'member.removed',
  'member.left',
  'role.created',
  'role.updated',
  'role.deleted',
  'invitation.created',
  'invitation.resent',
  'invitation.revoked',
  'invitation.accepted',
  'invitation.declined',
  'audit_log.exported',
  'user.suspended',
  'user.reinstated',
  'user.signed_out',
  'session.all_revoked',
  'staff.granted',
  'staff.revoked',
  'impersonation.started',
  'impersonation.ended',
  'dead_letter.replayed',
  'dead_letter.dropped',
] as const;
export const auditAct = z.enum(auditActs).meta({ id: 'AuditAction' });
export type AuditAct = (typeof auditActs)[number];

export const auditTargetTypes = [
  'user',
  'organization',
  'membership',
  'invitation',
  'role',
  'api_key',
  'session',
  'dead_letter',
] as const;
export type AuditTargetType = (typeof auditTargetTypes)[number];

/** `system` is a service, a command on the server, or an unauthenticated caller. */
export const auditActorKinds = ['session', 'api_key', 'system'] as const;
export type AuditActorKind = (typeof auditActorKinds)[number];

const details = z.record(z.string(), z.unknown()).nullable();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One audit event. `before` and `after` hold what changed, without secrets. */
export const auditEntry = z
  .strictObject({
    id: uuid,
    /** Its position in the organization's chain: 1, 2, 3 and so on, without gaps. */
    sequence: z.int().positive(),
    at: z.iso.datetime(),
    /** `credentialId` is the session or the API key. `impersonatorId` is the staff member who impersonated the user. */
    actor: z.strictObject({
      kind: z.enum(auditActorKinds),
      id: uuid.nullable(),
      credentialId: uuid.nullable(),
      impersonatorId: uuid.nullable(),
    }),
    act: z.string(),
    target: z.strictObject({ type: z.string(), id: z.string() }),
    before: details,
    after: details,
    requestId: z.string(),
    ip: z.string().nullable(),
    /** When `before`, `after` and `ip` were erased, because a user had a right to it. */
    erasedAt: z.iso.datetime().nullable(),
    /** Anyone can recompute the chain from these hexadecimal values: see docs/audit-log.md. */
    proof: z.strictObject({
      previousHash: sha256,
      hash: sha256,
      detailsHash: sha256,
      salt: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .nullable(),
    }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.output<typeof auditEntry>;

const target = z
  .string()
  .min(1)
  .max(128)
  .regex(controlFree)
  .overwrite((text) => uuid.safeParse(text).data ?? text);

/** Entries must match all given filters. Both times are inclusive. */
export const auditFilter = z.strictObject({
  actor: uuid.exactOptional().describe('Only entries by the user with this id.'),
  act: auditAct.exactOptional().describe('Only entries with this action.'),
  target: target.exactOptional().describe('Only entries about the resource with this id.'),
  from: time.exactOptional().describe('Only entries at or after this time.'),
  to: time.exactOptional().describe('Only entries at or before this time.'),
});
export type AuditFilter = z.output<typeof auditFilter>;

export const auditPageRequest = pageRequest.extend(auditFilter.shape);

export const listAuditEntries = defineRpc('auth', 'listAuditEntries', {
  http: {
    id: 'auditLog.list',
    get: '/organizations/:organizationId/audit-log',
    summary: 'List audit log entries',
    description: 'Returns the newest first. Entries never change and form a hash chain: use `proof` to verify it.',
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'audit:read',
  request: auditPageRequest.extend(inOrganization),
  response: page(auditEntry),
  errors: tenantErrors,
});

/** The maximum number of entries in one export. */
export const auditExportLimit = 100_000;

/** One page of an export. The request for the first page is recorded in the audit log. */
export const exportAuditEntries = defineRpc('auth', 'exportAuditEntries', {
  http: {
    id: 'auditLog.export',
    get: '/organizations/:organizationId/audit-log/export',
    limits: ['sensitive'],
    summary: 'Export the audit log',
    description: `Returns CSV or JSON Lines, newest first, with at most ${auditExportLimit} entries. Use \`to\` to get older ones. The export itself is recorded in the audit log.`,
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'audit:read',
  request: auditFilter.extend({ ...inOrganization, cursor: pageRequest.shape.cursor }),
  response: page(auditEntry),
  errors: tenantErrors,
});
