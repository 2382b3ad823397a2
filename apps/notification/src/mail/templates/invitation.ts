import type { Messages } from '../message';

export const invitation: Messages<'invitation'> = {
  en: ({ organization, invitedBy, url, expiresInDays }) => ({
    subject: `You're invited to ${organization}`,
    paragraphs: [
      'Hello,',
      invitedBy === null
        ? `You're invited to join ${organization}.`
        : `${invitedBy} invited you to join ${organization}.`,
      'Open the invitation to accept or decline it. To accept, sign in with this email address or create an account.',
    ],
    button: { label: 'View invitation', url },
    note: `This link works once, only for this email address, and expires in ${expiresInDays} days. If you weren't expecting this invitation, you can ignore this email.`,
  }),
  de: ({ organization, invitedBy, url, expiresInDays }) => ({
    subject: `Einladung zu ${organization}`,
    paragraphs: [
      'Guten Tag,',
      invitedBy === null
        ? `Sie sind eingeladen, Mitglied von ${organization} zu werden.`
        : `${invitedBy} lädt Sie ein, Mitglied von ${organization} zu werden.`,
      'Öffnen Sie die Einladung, um sie anzunehmen oder abzulehnen. Zum Annehmen melden Sie sich mit dieser E-Mail-Adresse an oder erstellen ein Konto.',
    ],
    button: { label: 'Einladung ansehen', url },
    note: `Der Link funktioniert einmal, nur für diese E-Mail-Adresse, und läuft in ${expiresInDays} Tagen ab. Wenn Sie diese Einladung nicht erwartet haben, können Sie diese E-Mail ignorieren.`,
  }),
};
