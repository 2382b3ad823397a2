import type { Messages } from '../message';

export const magicLink: Messages<'magic-link'> = {
  en: ({ name, url, expiresInMinutes }) => ({
    subject: 'Your sign-in link',
    paragraphs: [`Hello ${name},`, 'with this link you sign in without your password.'],
    button: { label: 'Sign in', url },
    note: `The link works once, for ${expiresInMinutes} minutes. Give it to nobody. If you did not ask for it, you need not do anything.`,
  }),
  de: ({ name, url, expiresInMinutes }) => ({
    subject: 'Ihr Anmelde-Link',
    paragraphs: [`Guten Tag ${name},`, 'mit diesem Link melden Sie sich ohne Ihr Passwort an.'],
    button: { label: 'Anmelden', url },
    note: `Der Link gilt einmal, ${expiresInMinutes} Minuten lang. Geben Sie ihn niemandem. Haben Sie ihn nicht angefordert, müssen Sie nichts tun.`,
  }),
};
