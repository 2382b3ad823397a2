import type { Mail, NoticedSecurityEvent } from '#libs/contracts';
import type { Messages } from '../message';
import { isStaffAct, staffActsInEnglish, staffActsInGerman, type NoticeText } from './staff-acts';

type Notice = Extract<Mail, { template: 'security-notice' }>;
type Texts = Record<NoticedSecurityEvent, NoticeText>;

const en: Texts = {
  ...staffActsInEnglish,
  signed_in_from_new_device: {
    subject: 'New sign-in to your account',
    what: 'somebody signed in to your account from a device that we have not seen before.',
  },
  sign_in_paused: {
    subject: 'Many failed sign-ins to your account',
    what: 'somebody tried many wrong passwords or codes for your account. Signing in from unknown devices is paused for a quarter of an hour. If it is you who needs to get in, ask for a sign-in link by mail.',
  },
  password_changed: { subject: 'Your password was changed', what: 'the password of your account was changed.' },
  password_reset: {
    subject: 'Your password was reset',
    what: 'a new password was chosen by a link that we had mailed to you. Everybody was signed out.',
  },
  email_change_undone: {
    subject: 'The change of your address was taken back',
    what: 'this is the address of your account again, and everybody was signed out. Please choose a new password by the link in our other mail.',
  },
  mfa_enabled: { subject: 'Two-factor sign-in is on', what: 'two-factor sign-in was turned on for your account.' },
  mfa_disabled: { subject: 'Two-factor sign-in is off', what: 'two-factor sign-in was turned off for your account.' },
  recovery_code_used: {
    subject: 'A recovery code was used',
    what: 'somebody signed in with one of your recovery codes.',
  },
  recovery_codes_replaced: {
    subject: 'Your recovery codes were replaced',
    what: 'new recovery codes were made for your account; the old ones no longer work.',
  },
  passkey_added: { subject: 'A passkey was added', what: 'a passkey was added to your account.' },
  passkey_removed: { subject: 'A passkey was removed', what: 'a passkey was removed from your account.' },
  api_key_created: { subject: 'An API key was created', what: 'an API key was created for your account.' },
  api_key_revoked: { subject: 'An API key was revoked', what: 'an API key of your account was revoked.' },
  identity_linked: {
    subject: 'A sign-in provider was linked',
    what: 'your account can now be signed in to by another provider.',
  },
  identity_unlinked: {
    subject: 'A sign-in provider was unlinked',
    what: 'your account can no longer be signed in to by this provider.',
  },
};

const de: Texts = {
  ...staffActsInGerman,
  signed_in_from_new_device: {
    subject: 'Neue Anmeldung an Ihrem Konto',
    what: 'jemand hat sich von einem Gerät an Ihrem Konto angemeldet, das wir noch nicht kannten.',
  },
  sign_in_paused: {
    subject: 'Viele fehlgeschlagene Anmeldungen an Ihrem Konto',
    what: 'jemand hat viele falsche Passwörter oder Codes für Ihr Konto versucht. Anmeldungen von unbekannten Geräten pausieren für eine Viertelstunde. Müssen Sie selbst hinein, fordern Sie einen Anmelde-Link per E-Mail an.',
  },
  password_changed: { subject: 'Ihr Passwort wurde geändert', what: 'das Passwort Ihres Kontos wurde geändert.' },
  password_reset: {
    subject: 'Ihr Passwort wurde zurückgesetzt',
    what: 'über einen Link, den wir Ihnen geschickt hatten, wurde ein neues Passwort gewählt. Alle wurden abgemeldet.',
  },
  email_change_undone: {
    subject: 'Die Änderung Ihrer Adresse wurde rückgängig gemacht',
    what: 'dies ist wieder die Adresse Ihres Kontos, und alle wurden abgemeldet. Bitte wählen Sie über den Link in unserer anderen E-Mail ein neues Passwort.',
  },
  mfa_enabled: {
    subject: 'Die Zwei-Faktor-Anmeldung ist an',
    what: 'die Zwei-Faktor-Anmeldung Ihres Kontos wurde eingeschaltet.',
  },
  mfa_disabled: {
    subject: 'Die Zwei-Faktor-Anmeldung ist aus',
    what: 'die Zwei-Faktor-Anmeldung Ihres Kontos wurde ausgeschaltet.',
  },
  recovery_code_used: {
    subject: 'Ein Wiederherstellungscode wurde benutzt',
    what: 'jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet.',
  },
  recovery_codes_replaced: {
    subject: 'Ihre Wiederherstellungscodes wurden ersetzt',
    what: 'für Ihr Konto wurden neue Wiederherstellungscodes erzeugt; die alten gelten nicht mehr.',
  },
  passkey_added: { subject: 'Ein Passkey wurde hinzugefügt', what: 'Ihrem Konto wurde ein Passkey hinzugefügt.' },
  passkey_removed: { subject: 'Ein Passkey wurde entfernt', what: 'von Ihrem Konto wurde ein Passkey entfernt.' },
  api_key_created: {
    subject: 'Ein API-Schlüssel wurde erstellt',
    what: 'für Ihr Konto wurde ein API-Schlüssel erstellt.',
  },
  api_key_revoked: {
    subject: 'Ein API-Schlüssel wurde widerrufen',
    what: 'ein API-Schlüssel Ihres Kontos wurde widerrufen.',
  },
  identity_linked: {
    subject: 'Ein Anmeldedienst wurde verknüpft',
    what: 'an Ihrem Konto kann man sich nun über einen weiteren Anbieter anmelden.',
  },
  identity_unlinked: {
    subject: 'Ein Anmeldedienst wurde getrennt',
    what: 'an Ihrem Konto kann man sich über diesen Anbieter nicht mehr anmelden.',
  },
};

export const securityNotice: Messages<'security-notice'> = {
  en: (notice) => ({
    subject: en[notice.event].subject,
    paragraphs: [
      `Hello ${notice.name},`,
      en[notice.event].what,
      facts(notice, [isStaffAct(notice.event) ? 'Reason' : 'Name', 'Device', 'Address', 'Time']),
      isStaffAct(notice.event)
        ? 'If you have questions, ask our support. The security log of your account says this, too.'
        : 'If this was you, all is well. If not, reset your password at once and look through the security log of your account.',
    ],
  }),
  de: (notice) => ({
    subject: de[notice.event].subject,
    paragraphs: [
      `Guten Tag ${notice.name},`,
      de[notice.event].what,
      facts(notice, [isStaffAct(notice.event) ? 'Grund' : 'Name', 'Gerät', 'Adresse', 'Zeit']),
      isStaffAct(notice.event)
        ? 'Haben Sie Fragen, wenden Sie sich an unseren Support. Auch das Sicherheitsprotokoll Ihres Kontos nennt dies.'
        : 'Waren Sie das selbst, ist alles in Ordnung. Wenn nicht, setzen Sie sofort Ihr Passwort zurück und sehen Sie das Sicherheitsprotokoll Ihres Kontos durch.',
    ],
  }),
};

function facts({ subject, device, ip, at }: Notice, labels: readonly [string, string, string, string]): string {
  const values = [subject, device, ip, `${at.slice(0, 16).replace('T', ' ')} UTC`];
  return values.flatMap((value, index) => (value === null ? [] : `${labels[index] ?? ''}: ${value}`)).join(' · ');
}
