import type { Messages } from '../message';

export const passwordReset: Messages<'password-reset'> = {
  en: ({ name, url, expiresInMinutes }) => ({
    subject: 'Reset your password',
    paragraphs: [`Hello ${name},`, 'We received a request to reset the password of your account.'],
    button: { label: 'Reset password', url },
    note: `This link works once and expires in ${expiresInMinutes} minutes. If you didn't ask for it, you can ignore this email. Your password stays the same.`,
  }),
  de: ({ name, url, expiresInMinutes }) => ({
    subject: 'Passwort zurücksetzen',
    paragraphs: [`Guten Tag ${name},`, 'Sie können jetzt ein neues Passwort für Ihr Konto festlegen.'],
    button: { label: 'Passwort zurücksetzen', url },
    note: `Der Link funktioniert einmal und läuft in ${expiresInMinutes} Minuten ab. Wenn Sie ihn nicht angefordert haben, können Sie diese E-Mail ignorieren. Ihr Passwort bleibt unverändert.`,
  }),
};
