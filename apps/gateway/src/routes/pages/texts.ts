import type { Locale } from '#libs/validation';

/** Pages for emailed links, and other pages with at most one field, by their path. */
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
  /** The route that the page posts to, and the field name of the token, if any. */
  readonly endpoint: string;
  readonly token?: string;
  /** The field that the page asks for besides the button. */
  readonly field?: string;
  readonly fieldType?: 'text' | 'password' | 'email';
  readonly fieldAutocomplete?: string;
}

type Texts = Readonly<Record<string, string>>;

/** The texts that all of them share. */
export const sharedTexts: Readonly<Record<Locale, Texts>> = {
  en: {
    working: 'One moment …',
    missing: 'This link is incomplete. Open it again from the email.',
    expired: 'This link has expired. Request a new email.',
    used: "This link has already been used. If you didn't use it yourself, change your password.",
    invalid: "This link isn't valid. Open it again from the email, or request a new email.",
    restart: 'That took too long. Start signing in again.',
    wrongCode: "That code is wrong or has already been used. Wait for your app's next code and try again.",
    taken: 'Another account now uses this email address.',
    limited: 'Too many attempts. Wait a few minutes and try again.',
    failed: 'Something went wrong on our side. Try again in a moment.',
    noscript: 'This page requires JavaScript.',
  },
  de: {
    working: 'Einen Moment …',
    missing: 'Dieser Link ist unvollständig. Öffnen Sie ihn noch einmal aus der E-Mail.',
    expired: 'Dieser Link ist abgelaufen. Fordern Sie eine neue E-Mail an.',
    used: 'Dieser Link wurde bereits verwendet. Wenn Sie das nicht waren, ändern Sie Ihr Passwort.',
    invalid:
      'Dieser Link ist ungültig. Öffnen Sie ihn noch einmal aus der E-Mail, oder fordern Sie eine neue E-Mail an.',
    restart: 'Das hat zu lange gedauert. Melden Sie sich noch einmal von vorn an.',
    wrongCode:
      'Der Code ist falsch oder wurde bereits verwendet. Warten Sie auf den nächsten Code Ihrer App, und versuchen Sie es noch einmal.',
    taken: 'Diese E-Mail-Adresse gehört inzwischen zu einem anderen Konto.',
    limited: 'Zu viele Versuche. Warten Sie einige Minuten, und versuchen Sie es noch einmal.',
    failed: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',
    noscript: 'Diese Seite benötigt JavaScript.',
  },
};

/** The texts of each. */
export const pageTexts: Readonly<Record<Locale, Readonly<Record<TokenPageName, Texts>>>> = {
  en: {
    'verify-email': {
      title: 'Confirm your email address',
      explanation: 'Confirm your email address to sign in on this device.',
      button: 'Confirm email address',
      done: "Thank you. Your email address is confirmed, and you're signed in.",
    },
    'magic-link': {
      title: 'Sign in',
      explanation: 'Sign in on this device.',
      button: 'Sign in',
      done: "You're signed in.",
    },
    'confirm-email-change': {
      title: 'Confirm your new email address',
      explanation: 'Confirm that you want to use this email address for your account.',
      button: 'Confirm new email address',
      done: 'Thank you. Your account now uses this email address.',
    },
    'undo-email-change': {
      title: 'Undo the change of your email address',
      explanation: 'We restore your old email address, sign out all sessions, and email you a password reset link.',
      button: 'Undo the change',
      done: 'Your old email address is restored. Check your email for a link to reset your password.',
    },
    'reset-password': {
      title: 'Reset your password',
      explanation: 'When you save a new password, all sessions of your account are signed out.',
      fieldLabel: 'New password',
      button: 'Save password',
      done: 'Your password is changed. You can now sign in with it.',
    },
    'forgot-password': {
      title: 'Forgot your password?',
      explanation: "Enter your email address, and we'll send you a link to reset your password.",
      fieldLabel: 'Email address',
      button: 'Send link',
      done: "If this email address has an account, you'll get an email in a moment.",
    },
    mfa: {
      title: 'Enter your code',
      explanation: 'Enter the 6-digit code from your authenticator app.',
      fieldLabel: 'Code',
      button: 'Sign in',
      done: "You're signed in.",
    },
  },
  de: {
    'verify-email': {
      title: 'E-Mail-Adresse bestätigen',
      explanation: 'Bestätigen Sie Ihre E-Mail-Adresse, um sich auf diesem Gerät anzumelden.',
      button: 'E-Mail-Adresse bestätigen',
      done: 'Vielen Dank. Ihre E-Mail-Adresse ist bestätigt, und Sie sind angemeldet.',
    },
    'magic-link': {
      title: 'Anmelden',
      explanation: 'Melden Sie sich auf diesem Gerät an.',
      button: 'Anmelden',
      done: 'Sie sind angemeldet.',
    },
    'confirm-email-change': {
      title: 'Neue E-Mail-Adresse bestätigen',
      explanation: 'Bestätigen Sie, dass Sie diese E-Mail-Adresse für Ihr Konto verwenden möchten.',
      button: 'Neue E-Mail-Adresse bestätigen',
      done: 'Vielen Dank. Ihr Konto verwendet jetzt diese E-Mail-Adresse.',
    },
    'undo-email-change': {
      title: 'Änderung der E-Mail-Adresse rückgängig machen',
      explanation:
        'Wir stellen Ihre alte E-Mail-Adresse wieder her, melden alle Sitzungen ab und schicken Ihnen einen Link, mit dem Sie Ihr Passwort zurücksetzen.',
      button: 'Änderung rückgängig machen',
      done: 'Ihre alte E-Mail-Adresse ist wiederhergestellt. Sie erhalten gleich eine E-Mail mit einem Link, mit dem Sie Ihr Passwort zurücksetzen.',
    },
    'reset-password': {
      title: 'Passwort zurücksetzen',
      explanation: 'Wenn Sie ein neues Passwort speichern, werden alle Sitzungen Ihres Kontos abgemeldet.',
      fieldLabel: 'Neues Passwort',
      button: 'Passwort speichern',
      done: 'Ihr Passwort ist geändert. Sie können sich jetzt damit anmelden.',
    },
    'forgot-password': {
      title: 'Passwort vergessen?',
      explanation:
        'Geben Sie Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link, mit dem Sie Ihr Passwort zurücksetzen.',
      fieldLabel: 'E-Mail-Adresse',
      button: 'Link senden',
      done: 'Wenn es zu dieser E-Mail-Adresse ein Konto gibt, erhalten Sie gleich eine E-Mail.',
    },
    mfa: {
      title: 'Code eingeben',
      explanation: 'Geben Sie den 6-stelligen Code aus Ihrer Authenticator-App ein.',
      fieldLabel: 'Code',
      button: 'Anmelden',
      done: 'Sie sind angemeldet.',
    },
  },
};
