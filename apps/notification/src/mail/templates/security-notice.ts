import type { Mail, NoticedSecurityEvent } from '#libs/contracts';
import type { Messages } from '../message';
import { isStaffAct, staffActsInEnglish, staffActsInGerman, type NoticeText } from './staff-acts';

type Notice = Extract<Mail, { template: 'security-notice' }>;
type Texts = Record<NoticedSecurityEvent, NoticeText>;

const en: Texts = {
  ...staffActsInEnglish,
  signed_in_from_new_device: {
    subject: 'New sign-in to your account',
    what: 'Your account was signed in to from a new device.',
  },
  sign_in_paused: {
    subject: 'Many failed sign-ins to your account',
    what: "Someone tried many wrong passwords or codes for your account. For the next 15 minutes, you can't sign in with a password from a new device. If you need to sign in now, request a sign-in link by email.",
  },
  password_changed: { subject: 'Your password was changed', what: 'The password of your account was changed.' },
  password_reset: {
    subject: 'Your password was reset',
    what: 'The password of your account was reset with a link from our email. All sessions were signed out.',
  },
  email_change_undone: {
    subject: 'The change of your email address was undone',
    what: 'Your account uses this email address again, and all sessions were signed out. Please reset your password with the link in our other email.',
  },
  mfa_enabled: {
    subject: 'Two-factor authentication is on',
    what: 'Two-factor authentication was turned on for your account.',
  },
  mfa_disabled: {
    subject: 'Two-factor authentication is off',
    what: 'Two-factor authentication was turned off for your account.',
  },
  recovery_code_used: {
    subject: 'A recovery code was used',
    what: 'One of your recovery codes was used to sign in to your account.',
  },
  recovery_codes_replaced: {
    subject: 'Your recovery codes were replaced',
    what: 'New recovery codes were created for your account. The old ones no longer work.',
  },
  passkey_added: { subject: 'A passkey was added', what: 'A passkey was added to your account.' },
  passkey_removed: { subject: 'A passkey was removed', what: 'A passkey was removed from your account.' },
  api_key_created: { subject: 'An API key was created', what: 'An API key was created for your account.' },
  api_key_revoked: { subject: 'An API key was revoked', what: 'An API key of your account was revoked.' },
  identity_linked: {
    subject: 'A sign-in provider was linked',
    what: 'A sign-in provider was linked to your account. You can now sign in with it.',
  },
  identity_unlinked: {
    subject: 'A sign-in provider was unlinked',
    what: 'A sign-in provider was unlinked from your account. You can no longer sign in with it.',
  },
};

const de: Texts = {
  ...staffActsInGerman,
  signed_in_from_new_device: {
    subject: 'Neue Anmeldung an Ihrem Konto',
    what: 'Sie oder jemand anderes hat sich auf einem neuen Gerät an Ihrem Konto angemeldet.',
  },
  sign_in_paused: {
    subject: 'Viele fehlgeschlagene Anmeldungen an Ihrem Konto',
    what: 'Ihr Konto war das Ziel vieler Anmeldeversuche mit falschen Passwörtern oder Codes. In den nächsten 15 Minuten können Sie sich von neuen Geräten nicht mit Passwort anmelden. Wenn Sie sich jetzt anmelden müssen, fordern Sie einen Anmelde-Link per E-Mail an.',
  },
  password_changed: { subject: 'Ihr Passwort wurde geändert', what: 'Ihr Passwort wurde geändert.' },
  password_reset: {
    subject: 'Ihr Passwort wurde zurückgesetzt',
    what: 'Ihr Passwort wurde über einen Link aus unserer E-Mail zurückgesetzt. Alle Sitzungen wurden abgemeldet.',
  },
  email_change_undone: {
    subject: 'Die Änderung Ihrer E-Mail-Adresse wurde rückgängig gemacht',
    what: 'Ihr Konto verwendet wieder diese E-Mail-Adresse, und alle Sitzungen wurden abgemeldet. Bitte setzen Sie Ihr Passwort über den Link in unserer anderen E-Mail zurück.',
  },
  mfa_enabled: {
    subject: 'Die Zwei-Faktor-Authentifizierung ist eingeschaltet',
    what: 'Ihr Konto verwendet jetzt die Zwei-Faktor-Authentifizierung.',
  },
  mfa_disabled: {
    subject: 'Die Zwei-Faktor-Authentifizierung ist ausgeschaltet',
    what: 'Ihr Konto verwendet keine Zwei-Faktor-Authentifizierung mehr.',
  },
  recovery_code_used: {
    subject: 'Ein Wiederherstellungscode wurde verwendet',
    what: 'Sie oder jemand anderes hat sich mit einem Ihrer Wiederherstellungscodes angemeldet.',
  },
  recovery_codes_replaced: {
    subject: 'Ihre Wiederherstellungscodes wurden ersetzt',
    what: 'Ihr Konto hat neue Wiederherstellungscodes. Die alten funktionieren nicht mehr.',
  },
  passkey_added: { subject: 'Ein Passkey wurde hinzugefügt', what: 'Ihrem Konto wurde ein Passkey hinzugefügt.' },
  passkey_removed: { subject: 'Ein Passkey wurde entfernt', what: 'Ihr Passkey wurde entfernt.' },
  api_key_created: {
    subject: 'Ein API-Schlüssel wurde erstellt',
    what: 'Ihr Konto hat einen neuen API-Schlüssel.',
  },
  api_key_revoked: {
    subject: 'Ein API-Schlüssel wurde widerrufen',
    what: 'Ihr API-Schlüssel wurde widerrufen.',
  },
  identity_linked: {
    subject: 'Ein Anmeldedienst wurde verknüpft',
    what: 'Ihr Konto wurde mit einem Anmeldedienst verknüpft. Sie können sich jetzt darüber anmelden.',
  },
  identity_unlinked: {
    subject: 'Ein Anmeldedienst wurde getrennt',
    what: 'Ihr Konto wurde von einem Anmeldedienst getrennt. Sie können sich nicht mehr darüber anmelden.',
  },
};

export const securityNotice: Messages<'security-notice'> = {
  en: (notice) => ({
    subject: en[notice.event].subject,
    paragraphs: [
      `Hello ${notice.name},`,
      en[notice.event].what,
      facts(notice, [isStaffAct(notice.event) ? 'Reason' : 'Name', 'Device', 'IP address', 'Time']),
      isStaffAct(notice.event)
        ? 'If you have questions, contact our support. Your security log shows this too.'
        : "If this was you, you don't need to do anything. If it wasn't, reset your password now and review your security log.",
    ],
  }),
  de: (notice) => ({
    subject: de[notice.event].subject,
    paragraphs: [
      `Guten Tag ${notice.name},`,
      de[notice.event].what,
      facts(notice, [isStaffAct(notice.event) ? 'Grund' : 'Name', 'Gerät', 'IP-Adresse', 'Zeit']),
      isStaffAct(notice.event)
        ? 'Wenn Sie Fragen haben, wenden Sie sich an unseren Support. Sie finden dies auch in Ihrem Sicherheitsprotokoll.'
        : 'Wenn Sie das waren, müssen Sie nichts tun. Andernfalls setzen Sie jetzt Ihr Passwort zurück und prüfen Sie Ihr Sicherheitsprotokoll.',
    ],
  }),
};

function facts({ subject, device, ip, at }: Notice, labels: readonly [string, string, string, string]): string {
  const values = [subject, device, ip, `${at.slice(0, 16).replace('T', ' ')} UTC`];
  return values.flatMap((value, index) => (value === null ? [] : `${labels[index] ?? ''}: ${value}`)).join(' · ');
}
