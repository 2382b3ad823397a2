import type { Messages } from '../message';

export const invitation: Messages<'invitation'> = {
  en: ({ organization, invitedBy, url, expiresInDays }) => ({
    subject: `You are invited to ${organization}`,
    paragraphs: [
      'Hello,',
      invitedBy === null
        ? `you are invited to become a member of ${organization}.`
        : `${invitedBy} invites you to become a member of ${organization}.`,
      'The link shows the invitation. There you accept or decline it; you need an account with this address, or make one.',
    ],
    button: { label: 'See the invitation', url },
    note: `The link is for this address, works once, and for ${expiresInDays} days. If you know nobody there, you need not do anything.`,
  }),
  de: ({ organization, invitedBy, url, expiresInDays }) => ({
    subject: `Sie sind zu ${organization} eingeladen`,
    paragraphs: [
      'Guten Tag,',
      invitedBy === null
        ? `Sie sind eingeladen, Mitglied von ${organization} zu werden.`
        : `${invitedBy} lädt Sie ein, Mitglied von ${organization} zu werden.`,
      'Der Link zeigt die Einladung. Dort nehmen Sie sie an oder lehnen sie ab; Sie brauchen ein Konto mit dieser Adresse oder legen eines an.',
    ],
    button: { label: 'Einladung ansehen', url },
    note: `Der Link gilt für diese Adresse, einmal und ${expiresInDays} Tage lang. Kennen Sie dort niemanden, müssen Sie nichts tun.`,
  }),
};
