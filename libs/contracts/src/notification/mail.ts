import { email, locale, uuid } from '#libs/validation';
import { z } from 'zod';
import { noticedSecurityEvents } from '../auth/audit/security-log';
import { defineEvent, defineJob } from '../event';

/** What members are told by mail of their organization. */
export const organizationNotice = z.enum(['ownership_offered', 'ownership_accepted', 'deletion_requested']);
export type OrganizationNotice = z.output<typeof organizationNotice>;

/** Each mail that the suite sends, with what its template needs. A `url` carries its secret in the fragment, which reaches no server's log. */
export const mail = z.discriminatedUnion('template', [
  z.strictObject({
    template: z.literal('verify-email'),
    name: z.string(),
    url: z.url(),
    expiresInHours: z.int(),
    /** Whether the account then has the password of the registration, or none yet. */
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
  /** To somebody who may have no account, and so no name. */
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
    /** What it was about: in the person's own words the name of a passkey or an API key, a provider; for what staff did, why. */
    subject: z.string().nullable(),
  }),
  z.strictObject({
    template: z.literal('organization-notice'),
    event: organizationNotice,
    name: z.string(),
    organization: z.string(),
    /** The name of whoever did it. */
    by: z.string(),
    /** How long an offer is good, or a deletion can be taken back. */
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

/** Hand a stored mail to the SMTP server. An outage of some three days loses none, and five minutes after its end all are under way. */
export const sendMail = defineJob('mail.send', {
  service: 'notification',
  payload: z.strictObject({ mailId: uuid }),
  confidential: false,
  retry: { attempts: 1_000, firstDelayMs: 5_000, longestDelayMs: 300_000 },
});
