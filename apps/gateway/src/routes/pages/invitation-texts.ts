import type { Locale } from '#libs/validation';

/** The texts of the page that invitations link to. The page fills in what is in braces. */
export const invitationTexts: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: {
    title: 'Invitation',
    summary: 'You ({email}) are invited to join {organizationName} with the role {roleName}.',
    summaryBy: '{invitedBy} invited you ({email}) to join {organizationName} with the role {roleName}.',
    accept: 'Accept',
    decline: 'Decline',
    accountTitle: 'Sign in',
    accountText:
      'To accept, sign in as {email}. If you already have an account, request a sign-in link, sign in, and click "Accept" again.',
    signIn: 'Email me a sign-in link',
    signUpTitle: 'Or create an account',
    nameLabel: 'Your name',
    passwordLabel: 'Password',
    signUp: 'Create account and accept',
    accepted: "Welcome! You're now a member.",
    declined: 'You declined the invitation.',
    signedUp: "Welcome! Your account is ready. You're signed in, and you're now a member.",
    linkSent:
      'If this email address has an account, you\'ll get an email in a moment. Open its link, then click "Accept" here.',
    expired: 'This invitation has expired. Ask the person who invited you for a new one.',
    used: 'This invitation has already been accepted or declined.',
    invalid: 'This link is no longer valid. Open the newest invitation email, or ask the person who invited you.',
    signInFirst: 'Sign in with the invited email address first, or create an account with it.',
    mismatch: "You're signed in with another email address. Sign out, then sign in with the invited one.",
    alreadyMember: "You're already a member.",
    taken: 'This email address has an account. Sign in to it, then click "Accept".',
    noSeat: 'The organization has no free seats. Ask the person who invited you. Your invitation stays valid.',
    suspended: 'The organization is suspended. Ask the person who invited you.',
    accountSuspended: 'The account with this email address is suspended. Contact support.',
  },
  de: {
    title: 'Einladung',
    summary: 'Sie ({email}) sind eingeladen, {organizationName} mit der Rolle {roleName} beizutreten.',
    summaryBy: '{invitedBy} lädt Sie ({email}) ein, {organizationName} mit der Rolle {roleName} beizutreten.',
    accept: 'Annehmen',
    decline: 'Ablehnen',
    accountTitle: 'Anmelden',
    accountText:
      'Zum Annehmen melden Sie sich als {email} an. Wenn Sie schon ein Konto haben, fordern Sie einen Anmelde-Link an, melden Sie sich an, und klicken Sie noch einmal auf „Annehmen“.',
    signIn: 'Anmelde-Link senden',
    signUpTitle: 'Oder ein Konto erstellen',
    nameLabel: 'Ihr Name',
    passwordLabel: 'Passwort',
    signUp: 'Konto erstellen und annehmen',
    accepted: 'Willkommen! Sie sind jetzt Mitglied.',
    declined: 'Sie haben die Einladung abgelehnt.',
    signedUp: 'Willkommen! Ihr Konto ist bereit. Sie sind angemeldet und jetzt Mitglied.',
    linkSent:
      'Wenn es zu dieser E-Mail-Adresse ein Konto gibt, erhalten Sie gleich eine E-Mail. Öffnen Sie den Link darin, und klicken Sie dann hier auf „Annehmen“.',
    expired: 'Diese Einladung ist abgelaufen. Bitten Sie die Person, die Sie eingeladen hat, um eine neue.',
    used: 'Diese Einladung wurde bereits angenommen oder abgelehnt.',
    invalid:
      'Dieser Link ist nicht mehr gültig. Öffnen Sie die neueste Einladung, oder fragen Sie die Person, die Sie eingeladen hat.',
    signInFirst: 'Melden Sie sich zuerst mit der eingeladenen E-Mail-Adresse an, oder erstellen Sie damit ein Konto.',
    mismatch:
      'Sie sind mit einer anderen E-Mail-Adresse angemeldet. Melden Sie sich ab, und melden Sie sich dann mit der eingeladenen an.',
    alreadyMember: 'Sie sind bereits Mitglied.',
    taken: 'Zu dieser E-Mail-Adresse gibt es ein Konto. Melden Sie sich dort an, und klicken Sie dann auf „Annehmen“.',
    noSeat:
      'Die Organisation hat keine freien Plätze. Fragen Sie die Person, die Sie eingeladen hat. Ihre Einladung bleibt gültig.',
    suspended: 'Die Organisation ist gesperrt. Fragen Sie die Person, die Sie eingeladen hat.',
    accountSuspended: 'Das Konto mit dieser E-Mail-Adresse ist gesperrt. Wenden Sie sich an den Support.',
  },
};
