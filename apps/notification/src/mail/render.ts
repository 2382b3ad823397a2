import type { Mail } from '#libs/contracts';
import type { Locale } from '#libs/validation';
import { compile } from 'handlebars';
import { inert } from './inert';
import type { Message } from './message';
import { alreadyRegistered } from './templates/already-registered';
import { confirmEmailChange } from './templates/confirm-email-change';
import { emailChanged } from './templates/email-changed';
import { invitation } from './templates/invitation';
import { magicLink } from './templates/magic-link';
import { organizationNotice } from './templates/organization-notice';
import { passwordReset } from './templates/password-reset';
import { securityNotice } from './templates/security-notice';
import { sessionStolen } from './templates/session-stolen';
import { verifyEmail } from './templates/verify-email';

const layout = {
  html: compile<Message & { locale: Locale }>(htmlSource(), { strict: false }),
  text: compile<Message>(textSource(), { noEscape: true }),
};

/** Users choose names: the HTML layout escapes every value, and `inert` keeps it from becoming a link. */
export function renderMail(mail: Mail, locale: Locale): { subject: string; html: string; text: string } {
  const { subject } = messageOf(mail, locale);
  const message = messageOf(inert(mail), locale);
  return { subject, html: layout.html({ ...message, locale }), text: layout.text(message) };
}

function messageOf(mail: Mail, locale: Locale): Message {
  switch (mail.template) {
    case 'verify-email':
      return verifyEmail[locale](mail);
    case 'already-registered':
      return alreadyRegistered[locale](mail);
    case 'session-stolen':
      return sessionStolen[locale](mail);
    case 'password-reset':
      return passwordReset[locale](mail);
    case 'magic-link':
      return magicLink[locale](mail);
    case 'confirm-email-change':
      return confirmEmailChange[locale](mail);
    case 'email-changed':
      return emailChanged[locale](mail);
    case 'invitation':
      return invitation[locale](mail);
    case 'security-notice':
      return securityNotice[locale](mail);
    case 'organization-notice':
      return organizationNotice[locale](mail);
  }
}

function htmlSource(): string {
  return `<!doctype html>
<html lang="{{locale}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{subject}}</title></head>
<body style="margin:0;background:#f4f5f7;font:16px/1.5 system-ui,sans-serif;color:#1c2330">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#fff;border-radius:8px"><tr><td style="padding:32px">
{{#each paragraphs}}<p style="margin:0 0 16px">{{this}}</p>
{{/each}}{{#if button}}<p style="margin:24px 0"><a href="{{button.url}}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#fff;text-decoration:none">{{button.label}}</a></p>
<p style="margin:0 0 16px;font-size:13px;color:#5b6472;word-break:break-all">{{button.url}}</p>
{{/if}}{{#if note}}<p style="margin:0;font-size:13px;color:#5b6472">{{note}}</p>
{{/if}}</td></tr></table>
</td></tr></table>
</body>
</html>
`;
}

function textSource(): string {
  return `{{#each paragraphs}}{{this}}

{{/each}}{{#if button}}{{button.label}}:
{{button.url}}

{{/if}}{{#if note}}{{note}}
{{/if}}`;
}
