import { page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';

/** The security events of an account. The user gets an email about those in `noticedSecurityEvents`. */
export const securityEventTypes = [
  'registered',
  'signed_in',
  'signed_in_from_new_device',
  'signed_out',
  'reauthenticated',
  'sign_in_paused',
  'session_revoked',
  'other_sessions_revoked',
  'refresh_token_reused',
  'password_changed',
  'password_reset',
  'email_changed',
  'email_change_undone',
  'mfa_enabled',
  'mfa_disabled',
  'recovery_code_used',
  'recovery_codes_replaced',
  'passkey_added',
  'passkey_removed',
  'api_key_created',
  'api_key_revoked',
  'identity_linked',
  'identity_unlinked',
  'suspended',
  'reinstated',
  'signed_out_by_staff',
  'impersonated',
  'impersonated_with_write',
  'impersonation_ended',
  'staff_role_granted',
  'staff_role_revoked',
] as const;
export const securityEventType = z.enum(securityEventTypes).meta({ id: 'SecurityEventType' });
export type SecurityEventType = (typeof securityEventTypes)[number];

/**
 * Events that are emailed with the `security-notice` template. Some other events have an email template of
 * their own.
 */
export const noticedSecurityEvents = [
  'signed_in_from_new_device',
  'sign_in_paused',
  'password_changed',
  'password_reset',
  'email_change_undone',
  'mfa_enabled',
  'mfa_disabled',
  'recovery_code_used',
  'recovery_codes_replaced',
  'passkey_added',
  'passkey_removed',
  'api_key_created',
  'api_key_revoked',
  'identity_linked',
  'identity_unlinked',
  'suspended',
  'reinstated',
  'impersonated',
  'impersonated_with_write',
  'staff_role_granted',
  'staff_role_revoked',
] as const satisfies readonly SecurityEventType[];
export type NoticedSecurityEvent = (typeof noticedSecurityEvents)[number];

/**
 * `device` is the browser and system from the user agent. It is null for actions of staff, like `ip`.
 * `details` names the subject, such as a passkey's name or a method, and never holds a secret.
 */
export const securityEvent = z
  .strictObject({
    id: uuid,
    type: securityEventType,
    at: z.iso.datetime(),
    ip: z.string().nullable(),
    device: z.string().nullable(),
    details: z.record(z.string(), z.string()),
  })
  .meta({ id: 'SecurityEvent' });
export type SecurityEvent = z.output<typeof securityEvent>;

export const listSecurityEvents = defineRpc('auth', 'listSecurityEvents', {
  http: {
    id: 'securityLog.list',
    get: '/users/me/security-log',
    summary: 'List your security events',
    description: 'Returns what happened to your account, newest first.',
  },
  access: 'user',
  effect: 'read',
  request: pageRequest,
  response: page(securityEvent),
});
