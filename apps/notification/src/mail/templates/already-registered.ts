import type { Messages } from '../message';

export const alreadyRegistered: Messages<'already-registered'> = {
  en: ({ name }) => ({
    subject: 'You already have an account',
    paragraphs: [
      `Hello ${name},`,
      'somebody tried to sign up with this address, which already has an account. Nothing was changed.',
      'If it was you, sign in with your password. If it was not, you need not do anything.',
    ],
  }),
  de: ({ name }) => ({
    subject: 'Sie haben bereits ein Konto',
    paragraphs: [
      `Guten Tag ${name},`,
      'jemand wollte sich mit dieser Adresse anmelden, die bereits ein Konto hat. Es wurde nichts geändert.',
      'Waren Sie es selbst, melden Sie sich mit Ihrem Passwort an. Waren Sie es nicht, müssen Sie nichts tun.',
    ],
  }),
};
