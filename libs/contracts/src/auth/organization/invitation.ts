import { email, list, locale, mailedName, newPassword, page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { oneTimeToken } from '../sign-in/email-verification';
import { inOrganization, organization } from './organization';
import { builtInRole, roleReference, tenantErrors } from './permission';
import { session } from '../session/session';

/** Lifetime of the emailed link. */
export const invitationDays = 7;
/** In one request. */
export const mostInvitations = 100;

export const invitationState = z
  .enum(['pending', 'accepted', 'declined', 'revoked', 'expired'])
  .meta({ id: 'InvitationState' });
export type InvitationState = z.output<typeof invitationState>;

/** An invitation as seen by members who can invite. It never contains the token. */
export const invitation = z
  .strictObject({
    id: uuid,
    email: z.string(),
    role: roleReference,
    roleName: z.string(),
    state: invitationState,
    /** Null if that account was deleted. */
    invitedBy: z.strictObject({ userId: uuid, name: z.string() }).nullable(),
    createdAt: z.iso.datetime(),
    /** When an email was last requested. */
    sentAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.output<typeof invitation>;

/** A role for invitations. Only existing members can become owners. */
export const invitedRole = z.union([builtInRole.exclude(['owner']), uuid]).meta({ examples: ['member'] });

/** One email address to invite and its role. */
const newInvitation = z.strictObject({ email, role: invitedRole });

/** Why an email address was not invited. */
const refusals = ['already_member', 'invitation_pending', 'seat_limit_reached', 'limit_reached'] as const;

/** Newest first. */
export const listInvitations = defineRpc('auth', 'listInvitations', {
  http: {
    id: 'invitations.list',
    get: '/organizations/:organizationId/invitations',
    summary: 'List invitations',
    description:
      'Returns the newest first. Accepted, declined, revoked and expired invitations stay in the list for a month.',
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'members:invite',
  request: pageRequest.extend({
    ...inOrganization,
    state: invitationState.exactOptional().describe('Only invitations in this state.'),
  }),
  response: page(invitation),
  errors: tenantErrors,
});

/** Inviters can't assign a role with permissions that they don't have. */
export const createInvitation = defineRpc('auth', 'createInvitation', {
  http: {
    id: 'invitations.create',
    post: '/organizations/:organizationId/invitations',
    status: 201,
    limits: ['invitation'],
    summary: 'Invite someone by email',
    description:
      "You can't assign a role with permissions you don't have. Only existing members can become owners. The response doesn't reveal whether the email address has an account.",
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'members:invite',
  request: newInvitation.extend(inOrganization),
  response: invitation,
  errors: [...tenantErrors, ...refusals, 'rate_limited'],
});

/** The result for one email address: its invitation, or the reason why there is none. */
export const invitationOutcome = z
  .strictObject({
    email: z.string(),
    invitation: invitation.nullable(),
    refusal: z.enum([...refusals, 'permission_denied', 'validation_failed', 'rate_limited']).nullable(),
  })
  .meta({ id: 'InvitationOutcome' });
export type InvitationOutcome = z.output<typeof invitationOutcome>;

/**
 * Creates many invitations independently. Returns one result per email address, in the order of the
 * request. Duplicate email addresses are invited once.
 */
export const createInvitations = defineRpc('auth', 'createInvitations', {
  http: {
    id: 'invitations.createBatch',
    post: '/organizations/:organizationId/invitations/batch',
    limits: ['invitation-batch'],
    summary: 'Invite up to 100 people by email',
    description:
      'Returns one result per email address, in the order you sent them: the invitation, or why there is none. Duplicate email addresses are invited once.',
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'members:invite',
  request: z.strictObject({ ...inOrganization, invitations: z.array(newInvitation).min(1).max(mostInvitations) }),
  response: list(invitationOutcome),
  errors: tenantErrors,
  timeoutMs: 15_000,
});

const one = z.strictObject({ ...inOrganization, invitationId: uuid.describe('The id of the invitation.') });

/** The link stops working at once. Returns the same error for a closed invitation as for an unknown one. */
export const revokeInvitation = defineRpc('auth', 'revokeInvitation', {
  http: {
    id: 'invitations.revoke',
    delete: '/organizations/:organizationId/invitations/:invitationId',
    summary: 'Revoke an invitation',
    description: 'Its link stops working at once.',
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'members:invite',
  request: one,
  response: z.null(),
  errors: tenantErrors,
});

/** Sends a new link that works for another week and disables the old one. Also works for expired invitations. */
export const resendInvitation = defineRpc('auth', 'resendInvitation', {
  http: {
    id: 'invitations.resend',
    post: '/organizations/:organizationId/invitations/:invitationId/resend',
    limits: ['invitation'],
    summary: 'Resend an invitation',
    description:
      'Sends a new link that works for seven days. The old link stops working at once. Expired invitations can be resent too.',
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'members:invite',
  request: one,
  response: invitation,
  errors: [...tenantErrors, 'already_member', 'seat_limit_reached', 'limit_reached', 'rate_limited'],
});

/**
 * An invitation was created or resent. The link is made and emailed after the response, because its hash
 * is expensive (ADR 4). `selector` identifies the request, so that only the latest of several requests is
 * emailed.
 */
export const invitationRequested = defineEvent('invitation.requested', {
  subscribers: ['auth'],
  payload: z.strictObject({ invitationId: uuid, selector: z.string() }),
  confidential: false,
});

const byToken = z.strictObject({ token: oneTimeToken });
const tokenErrors = ['token_invalid', 'token_expired', 'token_used', 'organization_suspended'] as const;

/** What the holder of the link sees before deciding. It does not reveal whether the email address has an account. */
export const invitationPreview = z
  .strictObject({
    organizationName: z.string(),
    invitedBy: z.string().nullable(),
    email: z.string(),
    roleName: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'InvitationPreview' });
export type InvitationPreview = z.output<typeof invitationPreview>;

/** Does not use up the token. */
export const lookAtInvitation = defineRpc('auth', 'lookAtInvitation', {
  http: {
    id: 'invitations.preview',
    post: '/invitations/look',
    limits: ['mailed-token'],
    summary: 'Preview an invitation',
    description:
      "Shows what the invitation is for without using it. The response doesn't reveal whether the email address has an account.",
  },
  access: 'public',
  effect: 'read',
  request: byToken,
  response: invitationPreview,
  errors: tokenErrors,
});

/** Only for the user with the invited email address. For other users the invitation stays open. */
export const acceptInvitation = defineRpc('auth', 'acceptInvitation', {
  http: {
    id: 'invitations.accept',
    post: '/invitations/accept',
    limits: ['mailed-token'],
    summary: 'Accept an invitation',
    description:
      'You must be signed in with the invited email address. With another address the request is refused and the invitation stays open.',
  },
  access: 'user',
  effect: 'personal',
  request: byToken,
  response: organization,
  errors: [...tokenErrors, 'invitation_email_mismatch', 'already_member', 'seat_limit_reached'],
});

/** The token is enough, so invited people can decline without an account. */
export const declineInvitation = defineRpc('auth', 'declineInvitation', {
  http: {
    id: 'invitations.decline',
    post: '/invitations/decline',
    limits: ['mailed-token'],
    summary: 'Decline an invitation',
    description: "Doesn't need an account.",
  },
  access: 'public',
  request: byToken,
  response: z.null(),
  errors: tokenErrors,
});

/**
 * For an email address without an account. The emailed token verifies it, so no second email is needed.
 * Never signs in to an existing account.
 */
export const registerByInvitation = defineRpc('auth', 'registerByInvitation', {
  http: {
    id: 'invitations.register',
    post: '/invitations/register',
    limits: ['registration', 'mailed-token'],
    summary: 'Sign up with an invitation',
    description:
      'Creates an account for the invited email address, signs in, and accepts the invitation. If the address already has an account, nothing changes: sign in instead.',
  },
  access: 'public',
  request: byToken.extend({ name: mailedName, password: newPassword, locale: locale.exactOptional() }),
  response: session,
  errors: [...tokenErrors, 'account_suspended', 'email_taken', 'seat_limit_reached'],
});
