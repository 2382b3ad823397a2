/** The permissions of each role, by hand. The contracts are tested against this. */
export const permissions = [
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
] as const;
export type Permission = (typeof permissions)[number];
export type Role = 'owner' | 'admin' | 'member' | 'viewer';

/** No custom role can have these. */
const beyondCustomRoles: readonly Permission[] = ['organization:delete', 'organization:transfer'];
export const customPermissions = permissions.filter((permission) => !beyondCustomRoles.includes(permission));

const roles: Readonly<Record<Role, readonly Permission[]>> = {
  owner: permissions,
  admin: [
    'organization:read',
    'organization:update',
    'members:read',
    'members:manage',
    'members:invite',
    'roles:read',
    'roles:manage',
    'audit:read',
    'billing:read',
  ],
  member: ['organization:read', 'members:read', 'roles:read', 'billing:read'],
  viewer: ['organization:read', 'members:read'],
};

/** @param permission null if membership is enough */
export function allows(role: Role, permission: Permission | null): boolean {
  return permission === null || roles[role].includes(permission);
}
