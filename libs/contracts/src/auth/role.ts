import { displayName, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../rpc';
import { inOrganization } from './organization';
import { builtInRole, customPermission, permission, roleReference, tenantErrors } from './permission';

/** A role that members of an organization may have. `id` is what `role` holds of whoever has it. */
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

const name = displayName.refine((text) => !isBuiltIn(text), { error: 'A built-in role has this name.' });
const permissions = z
  .array(customPermission)
  .min(1)
  .max(customPermission.options.length)
  .refine(isUnique, { error: 'Each permission once.' })
  .meta({ uniqueItems: true });

/** The built-in ones, then the organization's own by name: 54 at most. */
export const listRoles = defineRpc('auth', 'listRoles', {
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'roles:read',
  request: z.strictObject(inOrganization),
  response: z.strictObject({ data: z.array(role) }),
  errors: tenantErrors,
});

/** Out of permissions that its maker has. */
export const createRole = defineRpc('auth', 'createRole', {
  access: 'user',
  permission: 'roles:manage',
  request: z.strictObject({ ...inOrganization, name, permissions }),
  response: role,
  errors: [...tenantErrors, 'limit_reached'],
});

const which = { ...inOrganization, roleId: uuid };

/** What may be changed of a role: one at least. */
export const roleChanges = z
  .strictObject({ name: name.exactOptional(), permissions: permissions.exactOptional() })
  .refine((given) => Object.keys(given).length > 0, { error: 'Name at least one field to change.' });

/** What it allows changes at once for everybody who has it. */
export const updateRole = defineRpc('auth', 'updateRole', {
  access: 'user',
  permission: 'roles:manage',
  request: z.strictObject({ ...which, changes: roleChanges }),
  response: role,
  errors: tenantErrors,
});

export const deleteRole = defineRpc('auth', 'deleteRole', {
  access: 'user',
  permission: 'roles:manage',
  request: z.strictObject(which),
  response: z.null(),
  errors: [...tenantErrors, 'role_in_use'],
});
