import type { Messages } from '../message';

export const alreadyRegistered: Messages<'already-registered'> = {
  en: ({ name }) => ({
    subject: 'You already have an account',
    paragraphs: [
      `Hello ${name},`,
      'Someone tried to sign up with your email address, but you already have an account. We changed nothing.',
      "If this was you, sign in with your password. If it wasn't, you don't need to do anything.",
    ],
  }),
  de: ({ name }) => ({
    subject: 'Sie haben bereits ein Konto',
    paragraphs: [
      `Guten Tag ${name},`,
      'Sie haben bereits ein Konto, aber jemand wollte sich mit Ihrer E-Mail-Adresse noch einmal registrieren. Wir haben nichts geändert.',
      'Wenn Sie das waren, melden Sie sich mit Ihrem Passwort an. Andernfalls müssen Sie nichts tun.',
    ],
  }),
};
