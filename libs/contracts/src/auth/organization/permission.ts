import { uuid } from '#libs/validation';
import { z } from 'zod';

/**
 * What members can do in an organization. A contract of an organization names the permission that it
 * needs, and the service that owns the data checks it.
 */
export const permission = z
  .enum([
    'organization:read',
    'organization:update',
    'organization:delete',
    'organization:transfer',
    'members:read',
    'members:manage',
    'members:invite',
    'roles:read',
    'roles:manage',
    'audit:read',
    'billing:read',
    'billing:manage',
  ])
  .meta({ id: 'Permission' });
export type Permission = z.output<typeof permission>;

/** Descriptions for the OpenAPI document and for the form that creates roles. */
export const permissions: Readonly<Record<Permission, string>> = {
  'organization:read': 'View the organization.',
  'organization:update': 'Change the name and logo.',
  'organization:delete': 'Delete and restore the organization.',
  'organization:transfer': 'Offer ownership to another member.',
  'members:read': 'View members.',
  'members:manage': 'Change roles of members, and remove members.',
  'members:invite': 'View, create, resend, and revoke invitations.',
  'roles:read': 'View roles and their permissions.',
  'roles:manage': 'Create, update, and delete custom roles.',
  'audit:read': 'Read and export the audit log.',
  'billing:read': 'View the plan, usage, and invoices.',
  'billing:manage': 'Change the plan and the payment method.',
};

export const builtInRole = z.enum(['owner', 'admin', 'member', 'viewer']).meta({ id: 'BuiltInRole' });
export type BuiltInRole = z.output<typeof builtInRole>;

const ownersOnly: readonly Permission[] = ['organization:delete', 'organization:transfer', 'billing:manage'];

/** The permissions of the roles that every organization has. */
export const builtInRoles: Readonly<Record<BuiltInRole, readonly Permission[]>> = {
  owner: permission.options,
  admin: permission.options.filter((name) => !ownersOnly.includes(name)),
  member: ['organization:read', 'members:read', 'roles:read', 'billing:read'],
  viewer: ['organization:read', 'members:read'],
};

/** A role in requests and responses: the name of a built-in role, or the id of the organization's custom role. */
export const roleReference = z.union([builtInRole, uuid]).meta({ examples: ['admin'] });
export type RoleReference = z.output<typeof roleReference>;

/** Errors of every request about an organization. Non-members can't tell whether an organization exists. */
export const tenantErrors = ['not_found', 'permission_denied', 'organization_suspended'] as const;

/** The permissions of custom roles. Only owners can delete or transfer the organization. */
export const customPermission = permission.exclude(['organization:delete', 'organization:transfer']);
