import type { Messages } from '../message';

export const confirmEmailChange: Messages<'confirm-email-change'> = {
  en: ({ name, url, expiresInHours }) => ({
    subject: 'Confirm your new email address',
    paragraphs: [`Hello ${name},`, 'Please confirm that you want to use this email address for your account.'],
    button: { label: 'Confirm new email address', url },
    note: `This link works once and expires in ${expiresInHours} hours. If you didn't ask for this change, you can ignore this email.`,
  }),
  de: ({ name, url, expiresInHours }) => ({
    subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
    paragraphs: [
      `Guten Tag ${name},`,
      'Sie möchten diese E-Mail-Adresse für Ihr Konto verwenden. Bitte bestätigen Sie die Änderung.',
    ],
    button: { label: 'Neue E-Mail-Adresse bestätigen', url },
    note: `Der Link funktioniert einmal und läuft in ${expiresInHours} Stunden ab. Wenn Sie diese Änderung nicht veranlasst haben, können Sie diese E-Mail ignorieren.`,
  }),
};
