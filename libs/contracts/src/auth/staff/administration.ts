import { controlFree, locale, page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { auditEntry, auditPageRequest } from '../organization/audit-log';
import { inOrganization } from '../organization/organization';
import { session } from '../session/session';
import { staffRole } from './staff';

const longestReason = 500;

/** Why a staff member does something, on one line. Kept in the audit log. */
export const staffReason = z
  .string()
  .max(10 * longestReason)
  .meta({ minLength: 3, maxLength: longestReason, examples: ['Ticket 4711: cannot see the invoice'] })
  .transform((text) => text.normalize('NFC').trim().replaceAll(/\s+/gu, ' '))
  .pipe(z.string().min(3).max(longestReason).regex(controlFree, { error: 'No control characters.' }));

/** An account in the list that staff see. */
export const adminUser = z
  .strictObject({
    id: uuid,
    email: z.string(),
    emailVerified: z.boolean(),
    name: z.string(),
    locale,
    mfaEnabled: z.boolean(),
    staffRole: staffRole.nullable(),
    createdAt: z.iso.datetime(),
    suspendedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'AdminUser' });
export type AdminUser = z.output<typeof adminUser>;

export const adminUserDetails = adminUser
  .extend({
    suspensionReason: z.string().nullable(),
    hasPassword: z.boolean(),
    passkeys: z.int(),
    /** The names of the providers. */
    identities: z.array(z.string()),
    openSessions: z.int(),
    lastSeenAt: z.iso.datetime().nullable(),
    apiKeys: z.int(),
  })
  .meta({ id: 'AdminUserDetails' });
export type AdminUserDetails = z.output<typeof adminUserDetails>;

const searchRequest = pageRequest.extend({
  query: z
    .string()
    .trim()
    .normalize('NFC')
    .min(1)
    .max(254)
    .regex(controlFree)
    .exactOptional()
    .describe('An id, or the beginning of the text to search for.'),
});
const whichUser = z.strictObject({ id: uuid.describe('The id of the user.') });

/**
 * Without a query, returns the newest accounts first. Otherwise returns the account with that id, or
 * accounts whose email address starts with the query, by email address, and then those whose name does, by
 * name.
 */
export const searchUsers = defineRpc('auth', 'searchUsers', {
  http: {
    id: 'admin.users.search',
    get: '/admin/users',
    summary: 'Search users',
    description:
      'Matches an id, or the start of an email address or name. Email matches come first, then name matches, each in alphabetical order. Without a query, returns the newest users first.',
  },
  access: 'staff',
  effect: 'read',
  request: searchRequest,
  response: page(adminUser),
});

export const inspectUser = defineRpc('auth', 'inspectUser', {
  http: {
    id: 'admin.users.get',
    get: '/admin/users/:id',
    summary: 'Get a user',
    description: 'Returns the account with its organizations, sign-in methods and suspension.',
  },
  access: 'staff',
  effect: 'read',
  request: whichUser,
  response: adminUserDetails,
  errors: ['not_found'],
});

/** Ends all sessions and refuses every sign-in until the account is reinstated. Staff can't be suspended. */
export const suspendUser = defineRpc('auth', 'suspendUser', {
  http: {
    id: 'admin.users.suspend',
    post: '/admin/users/:id/suspend',
    limits: ['sensitive'],
    summary: 'Suspend a user',
    description: "All of the user's sessions and API keys stop working within a second. You can't suspend staff.",
  },
  access: 'staff',
  staffRole: 'admin',
  request: whichUser.extend({ reason: staffReason }),
  response: adminUserDetails,
  errors: ['not_found'],
});

export const reinstateUser = defineRpc('auth', 'reinstateUser', {
  http: {
    id: 'admin.users.reinstate',
    post: '/admin/users/:id/reinstate',
    limits: ['sensitive'],
    summary: 'Reinstate a user',
    description: 'Lifts a suspension. The user can sign in again.',
  },
  access: 'staff',
  staffRole: 'admin',
  request: whichUser,
  response: adminUserDetails,
  errors: ['not_found'],
});

export const signUserOut = defineRpc('auth', 'signUserOut', {
  http: {
    id: 'admin.users.signOut',
    post: '/admin/users/:id/sign-out',
    limits: ['sensitive'],
    summary: 'Sign a user out everywhere',
    description: 'Revokes every session of the user within a second.',
  },
  access: 'staff',
  request: whichUser,
  response: z.null(),
  errors: ['not_found'],
});

/**
 * A session in which staff impersonates a user who is not staff, for at most one hour. It is read-only
 * unless an admin asks for `write`. The user gets an email with the reason.
 */
export const impersonateUser = defineRpc('auth', 'impersonateUser', {
  http: {
    id: 'admin.users.impersonate',
    post: '/admin/users/:id/impersonate',
    limits: ['sensitive'],
    summary: 'Impersonate a user',
    description:
      'Returns a session of that user for at most one hour. It is read-only unless an admin asks for `write`. The user gets an email with the reason. `POST /auth/logout` ends it.',
  },
  access: 'staff',
  request: whichUser.extend({ reason: staffReason, write: z.boolean().default(false) }),
  response: session,
  errors: ['not_found', 'account_suspended'],
});

/** An organization as staff see it. */
export const adminOrganization = z
  .strictObject({
    id: uuid,
    name: z.string(),
    slug: z.string(),
    members: z.int(),
    createdAt: z.iso.datetime(),
    suspendedAt: z.iso.datetime().nullable(),
    /** Set if its deletion was requested. */
    deleteAfter: z.iso.datetime().nullable(),
  })
  .meta({ id: 'AdminOrganization' });
export type AdminOrganization = z.output<typeof adminOrganization>;

/** Like `searchUsers`, but matches id, slug and name. */
export const searchOrganizations = defineRpc('auth', 'searchOrganizations', {
  http: {
    id: 'admin.organizations.search',
    get: '/admin/organizations',
    summary: 'Search organizations',
    description:
      'Matches an id, or the start of a slug or name. Without a query, returns the newest organizations first.',
  },
  access: 'staff',
  effect: 'read',
  request: searchRequest,
  response: page(adminOrganization),
});

const whichOrganization = z.strictObject(inOrganization);

/** From then on, every request of its members about it is refused. */
export const suspendOrganization = defineRpc('auth', 'suspendOrganization', {
  http: {
    id: 'admin.organizations.suspend',
    post: '/admin/organizations/:organizationId/suspend',
    limits: ['sensitive'],
    summary: 'Suspend an organization',
    description: 'Every request for the organization fails until you reinstate it.',
  },
  access: 'staff',
  staffRole: 'admin',
  request: whichOrganization.extend({ reason: staffReason }),
  response: adminOrganization,
  errors: ['not_found'],
});

export const reinstateOrganization = defineRpc('auth', 'reinstateOrganization', {
  http: {
    id: 'admin.organizations.reinstate',
    post: '/admin/organizations/:organizationId/reinstate',
    limits: ['sensitive'],
    summary: 'Reinstate an organization',
    description: 'Lifts a suspension. Members regain the access they had before.',
  },
  access: 'staff',
  staffRole: 'admin',
  request: whichOrganization,
  response: adminOrganization,
  errors: ['not_found'],
});

/**
 * Returns the audit log of one organization or, without an organization, that of the platform: the actions
 * of staff.
 */
export const listPlatformAudit = defineRpc('auth', 'listPlatformAudit', {
  http: {
    id: 'admin.auditLog.list',
    get: '/admin/audit-log',
    summary: 'List platform audit entries',
    description:
      'Returns what staff did, newest first. With `organizationId`, returns what happened in that organization instead.',
  },
  access: 'staff',
  effect: 'read',
  request: auditPageRequest.extend({ organizationId: inOrganization.organizationId.exactOptional() }),
  response: page(auditEntry),
});

/** Maximum length of an impersonation. */
export const impersonationSeconds = 3_600;
