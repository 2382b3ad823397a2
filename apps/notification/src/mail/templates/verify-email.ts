import type { Messages } from '../message';

export const verifyEmail: Messages<'verify-email'> = {
  en: ({ name, url, expiresInHours, keepsPassword }) => ({
    subject: 'Confirm your email address',
    paragraphs: [
      `Hello ${name},`,
      'Please confirm your email address to finish setting up your account.',
      ...(keepsPassword
        ? []
        : [
            'Someone else may have signed up with your email address, so your account starts without a password. To set one, use "Forgot password" after you confirm.',
          ]),
    ],
    button: { label: 'Confirm email address', url },
    note: `This link works once and expires in ${expiresInHours} hours. If you didn't sign up, you can ignore this email.`,
  }),
  de: ({ name, url, expiresInHours, keepsPassword }) => ({
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
    paragraphs: [
      `Guten Tag ${name},`,
      'Ihr Konto ist fast fertig. Bitte bestätigen Sie noch Ihre E-Mail-Adresse.',
      ...(keepsPassword
        ? []
        : [
            'Vielleicht hat sich jemand anderes mit Ihrer E-Mail-Adresse registriert. Deshalb hat Ihr Konto noch kein Passwort. Nach der Bestätigung können Sie über „Passwort vergessen“ eines festlegen.',
          ]),
    ],
    button: { label: 'E-Mail-Adresse bestätigen', url },
    note: `Der Link funktioniert einmal und läuft in ${expiresInHours} Stunden ab. Wenn Sie sich nicht registriert haben, können Sie diese E-Mail ignorieren.`,
  }),
};
