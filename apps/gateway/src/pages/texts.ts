import type { Locale } from '#libs/validation';

/** The words of the page that the verification mail links to. */
export const verifyEmailTexts: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: {
    title: 'Confirm your e-mail address',
    explanation: 'One press confirms the address and signs you in on this device.',
    button: 'Confirm address',
    working: 'One moment …',
    done: 'Thank you. Your address is confirmed, and you are signed in.',
    missing: 'This address lacks its token. Open the link from the mail again, complete.',
    expired: 'This link has expired. Ask for a new mail where you signed up.',
    used: 'This link was used already. Sign in; if you did not use it yourself, change your password.',
    invalid: 'This link is not valid. Open it from the mail again, complete, or ask for a new mail.',
    limited: 'That was too often. Wait a few minutes and try again.',
    failed: 'That did not work, for a reason that is not yours. Try again in a moment.',
    noscript: 'This page needs JavaScript.',
  },
  de: {
    title: 'E-Mail-Adresse bestätigen',
    explanation: 'Ein Klick bestätigt die Adresse und meldet Sie auf diesem Gerät an.',
    button: 'Adresse bestätigen',
    working: 'Einen Moment …',
    done: 'Vielen Dank. Ihre Adresse ist bestätigt, und Sie sind angemeldet.',
    missing: 'Dieser Adresse fehlt ihr Token. Öffnen Sie den Link aus der E-Mail noch einmal, und zwar vollständig.',
    expired: 'Dieser Link ist abgelaufen. Fordern Sie dort, wo Sie sich registriert haben, eine neue E-Mail an.',
    used: 'Dieser Link wurde bereits benutzt. Melden Sie sich an; waren Sie es nicht selbst, ändern Sie Ihr Passwort.',
    invalid: 'Dieser Link ist ungültig. Öffnen Sie ihn vollständig aus der E-Mail, oder fordern Sie eine neue an.',
    limited: 'Das war zu oft. Warten Sie einige Minuten und versuchen Sie es noch einmal.',
    failed: 'Das hat nicht geklappt, und es lag nicht an Ihnen. Versuchen Sie es gleich noch einmal.',
    noscript: 'Diese Seite braucht JavaScript.',
  },
};
