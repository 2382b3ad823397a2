import type { Messages } from '../message';

export const emailChanged: Messages<'email-changed'> = {
  en: ({ name, newEmail, url, expiresInDays }) => ({
    subject: 'Your email address was changed',
    paragraphs: [
      `Hello ${name},`,
      `Your account now uses the email address ${newEmail}. This one is no longer in use.`,
      "If you didn't make this change, undo it now. We then restore this email address, sign out all sessions, and send you a link to reset your password.",
    ],
    button: { label: 'Undo the change', url },
    note: `This link works once and expires in ${expiresInDays} days.`,
  }),
  de: ({ name, newEmail, url, expiresInDays }) => ({
    subject: 'Ihre E-Mail-Adresse wurde geändert',
    paragraphs: [
      `Guten Tag ${name},`,
      `Ihr Konto verwendet jetzt die E-Mail-Adresse ${newEmail}. Diese hier wird nicht mehr verwendet.`,
      'Wenn Sie das nicht waren, machen Sie die Änderung jetzt rückgängig. Wir stellen dann diese E-Mail-Adresse wieder her, melden alle Sitzungen ab und schicken Ihnen einen Link, mit dem Sie Ihr Passwort zurücksetzen.',
    ],
    button: { label: 'Änderung rückgängig machen', url },
    note: `Der Link funktioniert einmal und läuft in ${expiresInDays} Tagen ab.`,
  }),
};
