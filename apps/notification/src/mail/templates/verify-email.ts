import type { Messages } from '../message';

export const verifyEmail: Messages<'verify-email'> = {
  en: ({ name, url, expiresInHours, keepsPassword }) => ({
    subject: 'Confirm your e-mail address',
    paragraphs: [
      `Hello ${name},`,
      'please confirm that this address is yours. Then your account is ready.',
      ...(keepsPassword
        ? []
        : [
            'As it may have been somebody else who signed up with it, the account has no password then: choose one by «Forgot password».',
          ]),
    ],
    button: { label: 'Confirm address', url },
    note: `The link works once, for ${expiresInHours} hours. If you did not sign up, do not open it; nothing else will happen.`,
  }),
  de: ({ name, url, expiresInHours, keepsPassword }) => ({
    subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse',
    paragraphs: [
      `Guten Tag ${name},`,
      'bitte bestätigen Sie, dass diese Adresse Ihnen gehört. Dann ist Ihr Konto bereit.',
      ...(keepsPassword
        ? []
        : [
            'Da sich jemand anderes damit registriert haben könnte, hat das Konto dann kein Passwort: Wählen Sie eines über «Passwort vergessen».',
          ]),
    ],
    button: { label: 'Adresse bestätigen', url },
    note: `Der Link gilt einmal, ${expiresInHours} Stunden lang. Haben Sie sich nicht angemeldet, öffnen Sie ihn nicht; es geschieht dann nichts weiter.`,
  }),
};
