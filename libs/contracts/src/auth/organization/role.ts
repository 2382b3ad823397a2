import { displayName, list, rule, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { inOrganization } from './organization';
import { builtInRole, customPermission, permission, roleReference, tenantErrors } from './permission';

/** A role that members of an organization can have. Members with this role have its `id` as their `role`. */
export const role = z
  .strictObject({
    id: roleReference,
    name: z.string(),
    builtIn: z.boolean(),
    permissions: z.array(permission),
  })
  .meta({ id: 'Role' });
export type Role = z.output<typeof role>;

const isBuiltIn = (name: string) => builtInRole.options.some((each) => each === name.toLowerCase());
const isUnique = (items: readonly string[]) => new Set(items).size === items.length;

const name = displayName.refine((text) => !isBuiltIn(text), rule('name_reserved'));
const permissions = z
  .array(customPermission)
  .min(1)
  .max(customPermission.options.length)
  .refine(isUnique, rule('duplicate_item'))
  .meta({ uniqueItems: true });

/** The built-in roles, then the organization's custom roles by name: 54 at most. */
export const listRoles = defineRpc('auth', 'listRoles', {
  http: {
    id: 'roles.list',
    get: '/organizations/:organizationId/roles',
    summary: 'List roles',
    description: 'Returns the built-in and custom roles that members can have.',
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'roles:read',
  request: z.strictObject(inOrganization),
  response: list(role),
  errors: tenantErrors,
});

/** Its permissions must be ones that its creator has. */
export const createRole = defineRpc('auth', 'createRole', {
  http: {
    id: 'roles.create',
    post: '/organizations/:organizationId/roles',
    status: 201,
    summary: 'Create a custom role',
    description: 'You can only use permissions that you have yourself.',
  },
  access: 'user',
  permission: 'roles:manage',
  request: z.strictObject({ ...inOrganization, name, permissions }),
  response: role,
  errors: [...tenantErrors, 'limit_reached'],
});

const which = { ...inOrganization, roleId: uuid.describe('The id of the custom role.') };

/** The change applies at once to every member with this role. */
export const updateRole = defineRpc('auth', 'updateRole', {
  http: {
    id: 'roles.update',
    patch: '/organizations/:organizationId/roles/:roleId',
    summary: 'Update a custom role',
    description: 'The change applies at once to every member with this role.',
  },
  access: 'user',
  permission: 'roles:manage',
  request: z
    .strictObject({ ...which, name: name.exactOptional(), permissions: permissions.exactOptional() })
    .refine((changes) => changes.name !== undefined || changes.permissions !== undefined, rule('nothing_to_change')),
  response: role,
  errors: tenantErrors,
});

export const deleteRole = defineRpc('auth', 'deleteRole', {
  http: {
    id: 'roles.delete',
    delete: '/organizations/:organizationId/roles/:roleId',
    summary: 'Delete a custom role',
    description: "A role that members still have can't be deleted.",
  },
  access: 'user',
  permission: 'roles:manage',
  request: z.strictObject(which),
  response: z.null(),
  errors: [...tenantErrors, 'role_in_use'],
});
