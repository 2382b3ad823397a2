import { auditHeads } from '#libs/audit';
import {
  createInvitation,
  inspectUser,
  listPlatformAudit,
  searchOrganizations,
  searchUsers,
  signUserOut,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { OrganizationDeletionHandler, RetentionService, listStaff } from '../../apps/auth/src/measured';
import { aCase, deepIn, turn, type Case, type Continued, type Setting } from './cases';
import { asOwner, asStaff } from './subjects';

/** What staff request about all users. */
export async function staffCases(setting: Setting): Promise<Case[]> {
  const { auth, subjects } = setting;
  const { people, busiest, largest } = subjects;
  const me = asStaff(subjects.staff);
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const audit = (input: { organizationId?: string; act?: 'member.joined'; from?: string; to?: string }) => () =>
    auth.call(listPlatformAudit, { ...input, limit: 100 }, me);
  return [
    ...(await userSearches(setting)),
    ...(await organizationSearches(setting)),
    aCase('an account, for the staff', (n) => auth.call(inspectUser, { id: turn(people, n).userId }, me)),
    aCase('the busiest account, for the staff', () => auth.call(inspectUser, { id: busiest.userId }, me)),
    aCase('whether the staff still stands', () => auth.call(signUserOut, { id: newId() }, me)),
    aCase('platform’s audit log', audit({})),
    aCase('platform’s audit log: what', audit({ act: 'member.joined' })),
    aCase('platform’s audit log: when', audit({ from: ago(90), to: ago(60) })),
    aCase('an organization’s audit log, for the staff', audit({ organizationId: largest.id })),
  ];
}

async function userSearches({ auth, subjects, deepest }: Setting): Promise<Case[]> {
  const { people } = subjects;
  const me = asStaff(subjects.staff);
  const search = (input: { query?: string } & Continued) => auth.call(searchUsers, { limit: 100, ...input }, me);
  const after = (query?: string) =>
    deepIn(Math.min(30, deepest), (continued) => search({ ...(query === undefined ? {} : { query }), ...continued }));
  const [newest, ada] = [await after(), await after('ada.')];
  return [
    aCase('accounts, newest', () => search({})),
    aCase('accounts, newest, page 31', () => search(newest)),
    aCase('accounts, by id', (n) => search({ query: turn(people, n).userId })),
    aCase('accounts, by address', (n) => search({ query: turn(people, n).email })),
    aCase('accounts, by name', (n) => search({ query: turn(people, n).name })),
    aCase('accounts, «ada.», which many match', () => search({ query: 'ada.' })),
    aCase('accounts, «ada.», page 31', () => search({ query: 'ada.', ...ada })),
    aCase('accounts, «Grace H»', () => search({ query: 'Grace H' })),
    aCase('accounts, «a»', () => search({ query: 'a' })),
    aCase('accounts, which nobody matches', (n) => search({ query: `zz${n}` })),
  ];
}

async function organizationSearches({ auth, subjects, deepest }: Setting): Promise<Case[]> {
  const { tenants } = subjects;
  const me = asStaff(subjects.staff);
  const search = (input: { query?: string } & Continued) =>
    auth.call(searchOrganizations, { limit: 100, ...input }, me);
  const deep = await deepIn(Math.min(30, deepest), (continued) => search({ query: 'acme', ...continued }));
  return [
    aCase('organizations, newest', () => search({})),
    aCase('organizations, by id', (n) => search({ query: turn(tenants, n).id })),
    aCase('organizations, by slug', (n) => search({ query: turn(tenants, n).slug })),
    aCase('organizations, by name', (n) => search({ query: turn(tenants, n).name })),
    aCase('organizations, «acme», which many match', () => search({ query: 'acme' })),
    aCase('organizations, «acme», page 31', () => search({ query: 'acme', ...deep })),
    aCase('organizations, which none matches', (n) => search({ query: `zz${n}` })),
  ];
}

/** Work that is neither a list nor a lookup but looks up many rows, so its plans count. */
export function otherCases({ auth, subjects: { largest } }: Setting): Case[] {
  const { application, dataSource } = auth;
  const invite = () => {
    const input = { organizationId: largest.id, email: `${newId()}@example.net`, role: 'member' } as const;
    return auth.call(createInvitation, input, asOwner(largest));
  };
  const get = { strict: false } as const;
  const heads = async () => {
    for await (const _head of auditHeads(dataSource)) break;
  };
  const once = (title: string, work: () => Promise<unknown>): Case => ({
    title,
    isLimited: false,
    samples: 1,
    ask: () => auth.run(work),
  });
  return [
    { title: 'act: invite to the largest', isLimited: false, samples: 20, ask: invite },
    once('job: delete what has served', () => application.get(RetentionService, get).deleteExpired()),
    once('job: erase organizations', () => application.get(OrganizationDeletionHandler, get).eraseDue()),
    once('command: list the staff', () => listStaff(dataSource.manager)),
    once('command: heads of the audit log', heads),
  ];
}
