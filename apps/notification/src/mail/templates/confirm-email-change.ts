import type { Messages } from '../message';

export const confirmEmailChange: Messages<'confirm-email-change'> = {
  en: ({ name, url, expiresInHours }) => ({
    subject: 'Confirm your new e-mail address',
    paragraphs: [`Hello ${name},`, 'please confirm that this is the new address of your account.'],
    button: { label: 'Confirm new address', url },
    note: `The link works once, for ${expiresInHours} hours. If you know nothing of this, do not open it; nothing will change.`,
  }),
  de: ({ name, url, expiresInHours }) => ({
    subject: 'Bitte bestätigen Sie Ihre neue E-Mail-Adresse',
    paragraphs: [`Guten Tag ${name},`, 'bitte bestätigen Sie, dass dies die neue Adresse Ihres Kontos ist.'],
    button: { label: 'Neue Adresse bestätigen', url },
    note: `Der Link gilt einmal, ${expiresInHours} Stunden lang. Wissen Sie nichts davon, öffnen Sie ihn nicht; es ändert sich nichts.`,
  }),
};
