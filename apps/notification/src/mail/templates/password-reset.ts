import type { Messages } from '../message';

export const passwordReset: Messages<'password-reset'> = {
  en: ({ name, url, expiresInMinutes }) => ({
    subject: 'Choose a new password',
    paragraphs: [`Hello ${name},`, 'somebody, hopefully you, asked for a new password for your account.'],
    button: { label: 'Choose a new password', url },
    note: `The link works once, for ${expiresInMinutes} minutes. If you did not ask for it, you need not do anything: your password stays as it is.`,
  }),
  de: ({ name, url, expiresInMinutes }) => ({
    subject: 'Neues Passwort wählen',
    paragraphs: [`Guten Tag ${name},`, 'jemand, hoffentlich Sie, hat ein neues Passwort für Ihr Konto angefordert.'],
    button: { label: 'Neues Passwort wählen', url },
    note: `Der Link gilt einmal, ${expiresInMinutes} Minuten lang. Haben Sie ihn nicht angefordert, müssen Sie nichts tun: Ihr Passwort bleibt, wie es ist.`,
  }),
};
