import { email, locale, uuid } from '#libs/validation';
import { z } from 'zod';
import { noticedSecurityEvents } from '../auth/audit/security-log';
import { defineEvent, defineJob } from '../event';

/** Events of an organization that its members get an email about. */
export const organizationNotice = z.enum(['ownership_offered', 'ownership_accepted', 'deletion_requested']);
export type OrganizationNotice = z.output<typeof organizationNotice>;

/**
 * Every email that the suite sends, with its template's values. A `url` has its secret in the fragment,
 * which never reaches a server's log.
 */
export const mail = z.discriminatedUnion('template', [
  z.strictObject({
    template: z.literal('verify-email'),
    name: z.string(),
    url: z.url(),
    expiresInHours: z.int(),
    /** Whether the account keeps the password of the registration. Otherwise it has none yet. */
    keepsPassword: z.boolean().default(true),
  }),
  z.strictObject({ template: z.literal('already-registered'), name: z.string() }),
  z.strictObject({ template: z.literal('session-stolen'), name: z.string(), device: z.string(), ip: z.string() }),
  z.strictObject({ template: z.literal('password-reset'), name: z.string(), url: z.url(), expiresInMinutes: z.int() }),
  z.strictObject({ template: z.literal('magic-link'), name: z.string(), url: z.url(), expiresInMinutes: z.int() }),
  z.strictObject({
    template: z.literal('confirm-email-change'),
    name: z.string(),
    url: z.url(),
    expiresInHours: z.int(),
  }),
  z.strictObject({
    template: z.literal('email-changed'),
    name: z.string(),
    newEmail: z.string(),
    url: z.url(),
    expiresInDays: z.int(),
  }),
  /** The recipient may have no account, and so no name. */
  z.strictObject({
    template: z.literal('invitation'),
    organization: z.string(),
    invitedBy: z.string().nullable(),
    url: z.url(),
    expiresInDays: z.int(),
  }),
  z.strictObject({
    template: z.literal('security-notice'),
    event: z.enum(noticedSecurityEvents),
    name: z.string(),
    device: z.string().nullable(),
    ip: z.string().nullable(),
    at: z.iso.datetime(),
    /** What the event is about: the user's name for a passkey or API key, a provider, or the reason that staff gave. */
    subject: z.string().nullable(),
  }),
  z.strictObject({
    template: z.literal('organization-notice'),
    event: organizationNotice,
    name: z.string(),
    organization: z.string(),
    /** The name of the user who did it. */
    by: z.string(),
    /** When an offer expires, or until when a deletion can be undone. */
    until: z.iso.datetime().nullable(),
  }),
]);
export type Mail = z.output<typeof mail>;
export type MailTemplate = Mail['template'];

export const mailRequested = defineEvent('mail.requested', {
  subscribers: ['notification'],
  payload: z.strictObject({ to: email, locale, mail }),
  confidential: true,
});

/**
 * Hands a stored email to the SMTP server. Survives an outage of about three days. All emails are on their
 * way within five minutes after it ends.
 */
export const sendMail = defineJob('mail.send', {
  service: 'notification',
  payload: z.strictObject({ mailId: uuid }),
  confidential: false,
  retry: { attempts: 1_000, firstDelayMs: 5_000, longestDelayMs: 300_000 },
});
