import type { Messages } from '../message';

export const magicLink: Messages<'magic-link'> = {
  en: ({ name, url, expiresInMinutes }) => ({
    subject: 'Your sign-in link',
    paragraphs: [`Hello ${name},`, 'Use this link to sign in without your password.'],
    button: { label: 'Sign in', url },
    note: `This link works once and expires in ${expiresInMinutes} minutes. Don't share it with anyone. If you didn't ask for it, you can ignore this email.`,
  }),
  de: ({ name, url, expiresInMinutes }) => ({
    subject: 'Ihr Anmelde-Link',
    paragraphs: [`Guten Tag ${name},`, 'Sie können sich mit diesem Link ohne Passwort anmelden.'],
    button: { label: 'Anmelden', url },
    note: `Der Link funktioniert einmal und läuft in ${expiresInMinutes} Minuten ab. Geben Sie ihn nicht weiter. Wenn Sie ihn nicht angefordert haben, können Sie diese E-Mail ignorieren.`,
  }),
};
