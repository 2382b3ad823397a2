import type { Messages } from '../message';

export const sessionStolen: Messages<'session-stolen'> = {
  en: ({ name, device, ip }) => ({
    subject: 'We signed out one of your sessions',
    paragraphs: [
      `Hello ${name},`,
      'A session on your account was used from two places at once, which can mean that it was stolen. We signed that session out to protect your account.',
      `Device: ${device === '' ? 'unknown' : device}. Last IP address: ${ip}.`,
      'Please sign in again. If you think that someone else has used your account, change your password.',
    ],
  }),
  de: ({ name, device, ip }) => ({
    subject: 'Wir haben eine Ihrer Sitzungen abgemeldet',
    paragraphs: [
      `Guten Tag ${name},`,
      'Ihr Konto hatte eine Sitzung, die von zwei Orten gleichzeitig verwendet wurde. Möglicherweise wurde sie gestohlen. Zum Schutz Ihres Kontos haben wir sie abgemeldet.',
      `Gerät: ${device === '' ? 'unbekannt' : device}. Letzte IP-Adresse: ${ip}.`,
      'Bitte melden Sie sich neu an. Wenn Sie vermuten, dass jemand anderes Ihr Konto verwendet hat, ändern Sie Ihr Passwort.',
    ],
  }),
};
