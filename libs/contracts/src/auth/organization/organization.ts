import { mailedName, page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { picture } from '../account/avatar';
import { permission, roleReference, tenantErrors } from './permission';

/** An organization as one of its members sees it. `role` and `permissions` are that member's. */
export const organization = z
  .strictObject({
    id: uuid,
    name: z.string(),
    /** For URLs. It does not change with the name. */
    slug: z.string(),
    logoUrl: z.string().nullable(),
    role: roleReference,
    roleName: z.string(),
    permissions: z.array(permission),
    /** Suspended by staff. Every request about it is refused until it is reinstated. */
    suspended: z.boolean(),
    /** Set if its deletion was requested. Until then it can be restored. */
    deleteAfter: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Organization' });
export type Organization = z.output<typeof organization>;

/** The organization of a request. Every request about an organization contains it. */
export const inOrganization = { organizationId: uuid.describe('The id of the organization.') };

/** The user who creates it becomes its owner. */
export const createOrganization = defineRpc('auth', 'createOrganization', {
  http: {
    id: 'organizations.create',
    post: '/organizations',
    status: 201,
    limits: ['sensitive'],
    summary: 'Create an organization',
    description: 'You become its owner.',
  },
  access: 'user',
  scope: 'organizations:write',
  request: z.strictObject({ name: mailedName }),
  response: organization,
  errors: ['limit_reached'],
});

/** The user's organizations, newest first. One that is being deleted is listed only for members who can restore it. */
export const listOrganizations = defineRpc('auth', 'listOrganizations', {
  http: {
    id: 'organizations.list',
    get: '/organizations',
    summary: 'List your organizations',
    description: 'Returns the organizations you are a member of, newest first.',
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  request: pageRequest,
  response: page(organization),
});

export const getOrganization = defineRpc('auth', 'getOrganization', {
  http: {
    id: 'organizations.get',
    get: '/organizations/:organizationId',
    summary: 'Get an organization',
    description: 'Includes your role in it.',
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'organization:read',
  request: z.strictObject(inOrganization),
  response: organization,
  errors: tenantErrors,
});

export const renameOrganization = defineRpc('auth', 'renameOrganization', {
  http: {
    id: 'organizations.update',
    patch: '/organizations/:organizationId',
    summary: 'Update an organization',
    description: 'Changes the name.',
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'organization:update',
  request: z.strictObject({ ...inOrganization, name: mailedName }),
  response: organization,
  errors: tenantErrors,
});

/**
 * Deletes the organization after 30 days, during which an owner can restore it. All other members lose
 * access at once.
 */
export const deleteOrganization = defineRpc('auth', 'deleteOrganization', {
  http: {
    id: 'organizations.delete',
    delete: '/organizations/:organizationId',
    limits: ['sensitive'],
    summary: 'Delete an organization',
    description:
      'Everyone except its owners loses access at once. Owners can restore it until `deleteAfter`, 30 days from now. After that it is erased.',
  },
  access: 'recent',
  permission: 'organization:delete',
  request: z.strictObject(inOrganization),
  response: organization,
  errors: tenantErrors,
});

export const restoreOrganization = defineRpc('auth', 'restoreOrganization', {
  http: {
    id: 'organizations.restore',
    post: '/organizations/:organizationId/restore',
    summary: 'Restore an organization',
    description: 'Cancels a deletion. Only owners can do this.',
  },
  access: 'user',
  permission: 'organization:delete',
  request: z.strictObject(inOrganization),
  response: organization,
  errors: tenantErrors,
});

/** Stores a picture that the gateway has decoded and re-encoded. Replaces the previous picture. */
export const storeLogo = defineRpc('auth', 'storeLogo', {
  http: {
    id: 'organizations.uploadLogo',
    put: '/organizations/:organizationId/logo',
    limits: ['picture'],
    summary: "Upload an organization's logo",
    description:
      'Send a form with one JPEG, PNG, WebP or AVIF file of at most 5 MB. The image is cropped to a square and stored as WebP without metadata. `logoUrl` is a URL that works for a few minutes.',
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'organization:update',
  request: z.strictObject({ ...inOrganization, picture }),
  response: organization,
  errors: tenantErrors,
  // Allows two attempts at a slow object store, as for avatars.
  timeoutMs: 10_000,
});

/** Succeeds if there is none. */
export const removeLogo = defineRpc('auth', 'removeLogo', {
  http: {
    id: 'organizations.deleteLogo',
    delete: '/organizations/:organizationId/logo',
    summary: "Remove an organization's logo",
    description: 'Deletes the stored image.',
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'organization:update',
  request: z.strictObject(inOrganization),
  response: z.null(),
  errors: tenantErrors,
});
