import { mailedName, page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { picture } from '../account/avatar';
import { permission, roleReference, tenantErrors } from './permission';

/** An organization as one of its members sees it: `role` and `permissions` are their own. */
export const organization = z
  .strictObject({
    id: uuid,
    name: z.string(),
    /** For addresses; it stays when the name changes. */
    slug: z.string(),
    logoUrl: z.string().nullable(),
    role: roleReference,
    roleName: z.string(),
    permissions: z.array(permission),
    /** By the operators: until it is reinstated, nothing can be done with it. */
    suspended: z.boolean(),
    /** Where its deletion was asked for: until then it can be restored. */
    deleteAfter: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Organization' });
export type Organization = z.output<typeof organization>;

/** Which organization a request is about. It stands in every request to one. */
export const inOrganization = { organizationId: uuid.describe('The id of the organization.') };

/** Whoever creates it is its owner. */
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

/** Those that the person is a member of, newest first. One that is being deleted is shown to those only who may restore it. */
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

/** Asked for now, done after thirty days, in which an owner can take it back. For all but the owners it is gone at once. */
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

/** Keeps a picture that the gateway has decoded and encoded anew, in place of the one before. */
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
  // As for people's pictures: two attempts at an object store that is slow.
  timeoutMs: 10_000,
});

/** There need not be one. */
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
