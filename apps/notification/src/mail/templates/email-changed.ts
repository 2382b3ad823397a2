import type { Messages } from '../message';

export const emailChanged: Messages<'email-changed'> = {
  en: ({ name, newEmail, url, expiresInDays }) => ({
    subject: 'Your e-mail address was changed',
    paragraphs: [
      `Hello ${name},`,
      `the address of your account is now ${newEmail}. This one is no longer in use.`,
      'If that was not you, take it back: your address returns, everybody is signed out, and you get a link to choose a new password.',
    ],
    button: { label: 'Take the change back', url },
    note: `The link works once, for ${expiresInDays} days.`,
  }),
  de: ({ name, newEmail, url, expiresInDays }) => ({
    subject: 'Ihre E-Mail-Adresse wurde geändert',
    paragraphs: [
      `Guten Tag ${name},`,
      `die Adresse Ihres Kontos ist nun ${newEmail}. Diese hier wird nicht mehr benutzt.`,
      'Waren Sie das nicht, machen Sie es rückgängig: Ihre Adresse kehrt zurück, alle werden abgemeldet, und Sie erhalten einen Link, um ein neues Passwort zu wählen.',
    ],
    button: { label: 'Änderung rückgängig machen', url },
    note: `Der Link gilt einmal, ${expiresInDays} Tage lang.`,
  }),
};
