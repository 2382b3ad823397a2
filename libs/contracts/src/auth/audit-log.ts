import { z } from 'zod';

/** What is written down of organisations, and of what platform staff do. */
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
  'staff.granted',
  'staff.revoked',
  'impersonation.started',
  'impersonation.ended',
] as const;
export const auditAct = z.enum(auditActs);
export type AuditAct = (typeof auditActs)[number];

export const auditTargetTypes = [
  'user',
  'organization',
  'membership',
  'invitation',
  'role',
  'api_key',
  'session',
] as const;
export type AuditTargetType = (typeof auditTargetTypes)[number];

/** `system` is the suite itself, a command on the server, or somebody who was not signed in. */
export const auditActorKinds = ['session', 'api_key', 'system'] as const;
export type AuditActorKind = (typeof auditActorKinds)[number];
