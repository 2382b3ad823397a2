import type { Locale } from '#libs/validation';

/** The pages that mailed links lead to, and what else needs one field at most, by their path. */
export const tokenPages = {
  'verify-email': { endpoint: '/api/v1/auth/verify-email', token: 'token' },
  'magic-link': { endpoint: '/api/v1/auth/magic-link/verify', token: 'token' },
  'confirm-email-change': { endpoint: '/api/v1/users/me/email/confirm', token: 'token' },
  'undo-email-change': { endpoint: '/api/v1/users/me/email/undo', token: 'token' },
  'reset-password': {
    endpoint: '/api/v1/auth/password/reset',
    token: 'token',
    field: 'password',
    fieldType: 'password',
    fieldAutocomplete: 'new-password',
  },
  'forgot-password': {
    endpoint: '/api/v1/auth/password/forgot',
    field: 'email',
    fieldType: 'email',
    fieldAutocomplete: 'email',
  },
  mfa: {
    endpoint: '/api/v1/auth/mfa',
    token: 'mfaToken',
    field: 'code',
    fieldType: 'text',
    fieldAutocomplete: 'one-time-code',
  },
} as const satisfies Record<string, TokenPage>;

export type TokenPageName = keyof typeof tokenPages;

export function isTokenPage(name: string): name is TokenPageName {
  return Object.hasOwn(tokenPages, name);
}

interface TokenPage {
  /** Where the page posts to, and under which name the token, if it needs one. */
  readonly endpoint: string;
  readonly token?: string;
  /** What it asks for besides a press of the button. */
  readonly field?: string;
  readonly fieldType?: 'text' | 'password' | 'email';
  readonly fieldAutocomplete?: string;
}

type Texts = Readonly<Record<string, string>>;

/** The words that all of them share. */
export const sharedTexts: Readonly<Record<Locale, Texts>> = {
  en: {
    working: 'One moment …',
    missing: 'This address lacks its token. Open the link from the mail again, complete.',
    expired: 'This link has expired. Ask for a new mail where you asked for this one.',
    used: 'This link was used already. If you did not use it yourself, change your password.',
    invalid: 'This link is not valid. Open it from the mail again, complete, or ask for a new mail.',
    restart: 'That took too long. Begin the sign-in again.',
    wrongCode: 'The code is wrong or was used before. Wait for the next one.',
    taken: 'This address belongs to another account by now.',
    limited: 'That was too often. Wait a few minutes and try again.',
    failed: 'That did not work, for a reason that is not yours. Try again in a moment.',
    noscript: 'This page needs JavaScript.',
  },
  de: {
    working: 'Einen Moment …',
    missing: 'Dieser Adresse fehlt ihr Token. Öffnen Sie den Link aus der E-Mail noch einmal, und zwar vollständig.',
    expired: 'Dieser Link ist abgelaufen. Fordern Sie dort, wo Sie diesen angefordert haben, eine neue E-Mail an.',
    used: 'Dieser Link wurde bereits benutzt. Waren Sie es nicht selbst, ändern Sie Ihr Passwort.',
    invalid: 'Dieser Link ist ungültig. Öffnen Sie ihn vollständig aus der E-Mail, oder fordern Sie eine neue an.',
    restart: 'Das hat zu lange gedauert. Beginnen Sie die Anmeldung von vorn.',
    wrongCode: 'Der Code ist falsch oder wurde schon benutzt. Warten Sie auf den nächsten.',
    taken: 'Diese Adresse gehört inzwischen zu einem anderen Konto.',
    limited: 'Das war zu oft. Warten Sie einige Minuten und versuchen Sie es noch einmal.',
    failed: 'Das hat nicht geklappt, und es lag nicht an Ihnen. Versuchen Sie es gleich noch einmal.',
    noscript: 'Diese Seite braucht JavaScript.',
  },
};

/** The words of each. */
export const pageTexts: Readonly<Record<Locale, Readonly<Record<TokenPageName, Texts>>>> = {
  en: {
    'verify-email': {
      title: 'Confirm your e-mail address',
      explanation: 'One press confirms the address and signs you in on this device.',
      button: 'Confirm address',
      done: 'Thank you. Your address is confirmed, and you are signed in.',
    },
    'magic-link': {
      title: 'Sign in',
      explanation: 'One press signs you in on this device.',
      button: 'Sign in',
      done: 'You are signed in.',
    },
    'confirm-email-change': {
      title: 'Confirm your new e-mail address',
      explanation: 'One press makes this the address of your account.',
      button: 'Confirm new address',
      done: 'Thank you. From now on this is the address of your account.',
    },
    'undo-email-change': {
      title: 'Take the change of address back',
      explanation:
        'Your old address returns, everybody is signed out, and we mail you a link to choose a new password.',
      button: 'Take it back',
      done: 'Done. Please open the mail that is on its way and choose a new password.',
    },
    'reset-password': {
      title: 'Choose a new password',
      explanation: 'Everybody who is signed in to your account will be signed out.',
      fieldLabel: 'New password',
      button: 'Save password',
      done: 'Your password is changed. You can sign in with it now.',
    },
    'forgot-password': {
      title: 'Choose a new password',
      explanation: 'We mail you a link with which you choose a new password.',
      fieldLabel: 'E-mail address',
      button: 'Send the link',
      done: 'If this address has an account, a mail is on its way.',
    },
    mfa: {
      title: 'Enter your code',
      explanation: 'Your authenticator app shows a code of six digits.',
      fieldLabel: 'Code',
      button: 'Sign in',
      done: 'You are signed in.',
    },
  },
  de: {
    'verify-email': {
      title: 'E-Mail-Adresse bestätigen',
      explanation: 'Ein Klick bestätigt die Adresse und meldet Sie auf diesem Gerät an.',
      button: 'Adresse bestätigen',
      done: 'Vielen Dank. Ihre Adresse ist bestätigt, und Sie sind angemeldet.',
    },
    'magic-link': {
      title: 'Anmelden',
      explanation: 'Ein Klick meldet Sie auf diesem Gerät an.',
      button: 'Anmelden',
      done: 'Sie sind angemeldet.',
    },
    'confirm-email-change': {
      title: 'Neue E-Mail-Adresse bestätigen',
      explanation: 'Ein Klick macht dies zur Adresse Ihres Kontos.',
      button: 'Neue Adresse bestätigen',
      done: 'Vielen Dank. Ab jetzt ist dies die Adresse Ihres Kontos.',
    },
    'undo-email-change': {
      title: 'Änderung der Adresse rückgängig machen',
      explanation:
        'Ihre alte Adresse kehrt zurück, alle werden abgemeldet, und Sie erhalten einen Link, um ein neues Passwort zu wählen.',
      button: 'Rückgängig machen',
      done: 'Erledigt. Bitte öffnen Sie die E-Mail, die unterwegs ist, und wählen Sie ein neues Passwort.',
    },
    'reset-password': {
      title: 'Neues Passwort wählen',
      explanation: 'Alle, die an Ihrem Konto angemeldet sind, werden abgemeldet.',
      fieldLabel: 'Neues Passwort',
      button: 'Passwort speichern',
      done: 'Ihr Passwort ist geändert. Sie können sich jetzt damit anmelden.',
    },
    'forgot-password': {
      title: 'Neues Passwort wählen',
      explanation: 'Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort wählen.',
      fieldLabel: 'E-Mail-Adresse',
      button: 'Link schicken',
      done: 'Hat diese Adresse ein Konto, ist eine E-Mail unterwegs.',
    },
    mfa: {
      title: 'Code eingeben',
      explanation: 'Ihre Authenticator-App zeigt einen Code aus sechs Ziffern.',
      fieldLabel: 'Code',
      button: 'Anmelden',
      done: 'Sie sind angemeldet.',
    },
  },
};
