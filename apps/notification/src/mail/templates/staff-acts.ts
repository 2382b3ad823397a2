import type { NoticedSecurityEvent } from '#libs/contracts';

export interface NoticeText {
  readonly subject: string;
  readonly what: string;
}

/** What the platform's staff did to an account, or to whom they belong. */
export type StaffAct = Extract<
  NoticedSecurityEvent,
  'suspended' | 'reinstated' | 'impersonated' | 'impersonated_with_write' | 'staff_role_granted' | 'staff_role_revoked'
>;
type Texts = Record<StaffAct, NoticeText>;

export const staffActsInEnglish: Texts = {
  suspended: {
    subject: 'Your account was suspended',
    what: 'our staff suspended your account. Everybody was signed out, and nobody can sign in until it is reinstated.',
  },
  reinstated: { subject: 'Your account was reinstated', what: 'your account works again: you can sign in as before.' },
  impersonated: {
    subject: 'Our staff opened your account',
    what: 'a member of our staff opens your account, as you would see it, for an hour at most. They can look, and change nothing.',
  },
  impersonated_with_write: {
    subject: 'Our staff opened your account to change something',
    what: 'a member of our staff opens your account, as you would see it, for an hour at most. They can change things there, but neither your address, password nor ways to sign in.',
  },
  staff_role_granted: {
    subject: 'You belong to the staff now',
    what: 'your account was given a role of the staff of this service, and was signed out everywhere. Sign in with a second factor to use it.',
  },
  staff_role_revoked: {
    subject: 'You no longer belong to the staff',
    what: 'the role of your account in the staff of this service was taken back, and it was signed out everywhere.',
  },
};

export const staffActsInGerman: Texts = {
  suspended: {
    subject: 'Ihr Konto wurde gesperrt',
    what: 'unsere Mitarbeitenden haben Ihr Konto gesperrt. Alle wurden abgemeldet, und niemand kann sich anmelden, bis es wieder freigegeben ist.',
  },
  reinstated: {
    subject: 'Ihr Konto wurde wieder freigegeben',
    what: 'Ihr Konto funktioniert wieder: Sie können sich anmelden wie zuvor.',
  },
  impersonated: {
    subject: 'Unsere Mitarbeitenden haben Ihr Konto geöffnet',
    what: 'jemand von unseren Mitarbeitenden öffnet Ihr Konto so, wie Sie es sehen, für höchstens eine Stunde. Dabei kann nur gelesen, nichts geändert werden.',
  },
  impersonated_with_write: {
    subject: 'Unsere Mitarbeitenden haben Ihr Konto geöffnet, um etwas zu ändern',
    what: 'jemand von unseren Mitarbeitenden öffnet Ihr Konto so, wie Sie es sehen, für höchstens eine Stunde. Dabei kann etwas geändert werden, aber weder Ihre Adresse noch Ihr Passwort noch Ihre Anmeldewege.',
  },
  staff_role_granted: {
    subject: 'Sie gehören nun zu den Mitarbeitenden',
    what: 'Ihr Konto hat eine Rolle unter den Mitarbeitenden dieses Dienstes bekommen und wurde überall abgemeldet. Melden Sie sich mit einem zweiten Faktor an, um sie zu nutzen.',
  },
  staff_role_revoked: {
    subject: 'Sie gehören nicht mehr zu den Mitarbeitenden',
    what: 'die Rolle Ihres Kontos unter den Mitarbeitenden dieses Dienstes wurde zurückgenommen; es wurde überall abgemeldet.',
  },
};

export function isStaffAct(event: NoticedSecurityEvent): event is StaffAct {
  return event in staffActsInEnglish;
}
