import type { NoticedSecurityEvent } from '#libs/contracts';

export interface NoticeText {
  readonly subject: string;
  readonly what: string;
}

/** What the platform's staff did to an account, or a change of its staff role. */
export type StaffAct = Extract<
  NoticedSecurityEvent,
  'suspended' | 'reinstated' | 'impersonated' | 'impersonated_with_write' | 'staff_role_granted' | 'staff_role_revoked'
>;
type Texts = Record<StaffAct, NoticeText>;

export const staffActsInEnglish: Texts = {
  suspended: {
    subject: 'Your account was suspended',
    what: "Our staff suspended your account and signed out all sessions. You can't sign in until it's reinstated.",
  },
  reinstated: { subject: 'Your account was reinstated', what: 'Your account works again. You can sign in as before.' },
  impersonated: {
    subject: 'Our staff accessed your account',
    what: "A member of our staff can now see your account as you see it, for up to one hour. They can't change anything.",
  },
  impersonated_with_write: {
    subject: 'Our staff accessed your account to make changes',
    what: "A member of our staff can now use your account as you do, for up to one hour. They can make changes, but can't change your email address, your password, or how you sign in.",
  },
  staff_role_granted: {
    subject: "You're now a staff member",
    what: 'Your account was given a staff role, and all sessions were signed out. To use the role, sign in with two-factor authentication.',
  },
  staff_role_revoked: {
    subject: "You're no longer a staff member",
    what: 'The staff role of your account was revoked, and all sessions were signed out.',
  },
};

export const staffActsInGerman: Texts = {
  suspended: {
    subject: 'Ihr Konto wurde gesperrt',
    what: 'Ihr Konto wurde von unserem Team gesperrt, und alle Sitzungen wurden abgemeldet. Sie können sich erst wieder anmelden, wenn es freigegeben ist.',
  },
  reinstated: {
    subject: 'Ihr Konto wurde wieder freigegeben',
    what: 'Ihr Konto funktioniert wieder. Sie können sich wie gewohnt anmelden.',
  },
  impersonated: {
    subject: 'Unser Team hat auf Ihr Konto zugegriffen',
    what: 'Ihr Konto kann jetzt bis zu eine Stunde lang von einem Mitglied unseres Teams eingesehen werden, so wie Sie es sehen. Änderungen sind dabei nicht möglich.',
  },
  impersonated_with_write: {
    subject: 'Unser Team hat auf Ihr Konto zugegriffen, um etwas zu ändern',
    what: 'Ihr Konto kann jetzt bis zu eine Stunde lang von einem Mitglied unseres Teams verwendet werden. Änderungen sind dabei möglich, aber nicht an Ihrer E-Mail-Adresse, Ihrem Passwort und Ihren Anmeldemethoden.',
  },
  staff_role_granted: {
    subject: 'Sie gehören jetzt zum Team',
    what: 'Ihr Konto hat eine Team-Rolle erhalten, und alle Sitzungen wurden abgemeldet. Melden Sie sich mit Zwei-Faktor-Authentifizierung an, um die Rolle zu nutzen.',
  },
  staff_role_revoked: {
    subject: 'Sie gehören nicht mehr zum Team',
    what: 'Ihr Konto hat keine Team-Rolle mehr, und alle Sitzungen wurden abgemeldet.',
  },
};

export function isStaffAct(event: NoticedSecurityEvent): event is StaffAct {
  return event in staffActsInEnglish;
}
