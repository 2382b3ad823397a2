import type { Messages } from '../message';

export const sessionStolen: Messages<'session-stolen'> = {
  en: ({ name, device, ip }) => ({
    subject: 'We ended one of your sessions',
    paragraphs: [
      `Hello ${name},`,
      'a sign-in key of yours was used a second time, which happens when a copy of it was stolen. We ended that session to be safe.',
      `The session belonged to: ${device === '' ? 'an unknown device' : device}, last seen at ${ip}.`,
      'Please sign in again, and change your password if you suspect that somebody else has used your account.',
    ],
  }),
  de: ({ name, device, ip }) => ({
    subject: 'Wir haben eine Ihrer Sitzungen beendet',
    paragraphs: [
      `Guten Tag ${name},`,
      'einer Ihrer Sitzungsschlüssel wurde ein zweites Mal verwendet, was auf eine gestohlene Kopie hindeutet. Zur Sicherheit haben wir diese Sitzung beendet.',
      `Die Sitzung gehörte zu: ${device === '' ? 'einem unbekannten Gerät' : device}, zuletzt gesehen unter ${ip}.`,
      'Bitte melden Sie sich neu an, und ändern Sie Ihr Passwort, wenn Sie vermuten, dass jemand anderes Ihr Konto benutzt hat.',
    ],
  }),
};
