import { styleText } from 'node:util';
import { staffRole, type StaffRole } from '#libs/contracts';
import { createDataSource } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { entities } from '../database';
import { email as address } from '#libs/validation';
import type { DataSource } from 'typeorm';
import { listStaff, StaffRoles, type StaffMember } from '../staff/role/staff-roles';
import {
  alignedTable,
  type Command,
  databaseUrlOf,
  fernetOf,
  misunderstood,
  parse,
  surroundings,
  UsageError,
  type Variables,
} from '#libs/command';

const help = `npm run staff -- list | grant <address> --role support|admin | revoke <address>

Who belongs to the staff of this installation, and may use /api/v1/admin. It is given here and nowhere else.

  list                            everybody with a role
  grant <address> --role <role>   support: search and look at accounts, sign them out, act as somebody to look
                                  admin:   besides, suspend and reinstate, act as somebody to change things, replay and
                                           drop dead letters
                                  The account must exist, with a verified address. Granting again changes the role
  revoke <address>                takes the role away

Each change ends all sessions of that person, everywhere within a second: they sign in again, with a second factor,
without which the role opens nothing. They are told by mail.

  DATABASE_URL_AUTH        auth's database (DATABASE_URL will do)
  FIELD_ENCRYPTION_KEY     as auth has it; only to grant and revoke
  Where neither is set, they are those of the suite that npm start runs.

Examples
  npm run staff -- list
  npm run staff -- grant grace@example.com --role support
  npm run staff -- grant ada@example.com --role admin
  npm run staff -- revoke grace@example.com
  node dist/scripts/staff.js list          in an image, with auth's own environment`;

type Wish =
  | { readonly action: 'list' }
  | { readonly action: 'grant'; readonly email: string; readonly role: StaffRole }
  | { readonly action: 'revoke'; readonly email: string };

export const staff: Command = async (args, environment) => {
  const wish = wishOf(args);
  if (wish === undefined) console.log(help);
  else await grantOrList(wish, surroundings(environment));
  return undefined;
};

async function grantOrList(wish: Wish, environment: Variables): Promise<void> {
  const fernet = wish.action === 'list' ? undefined : fernetOf(environment);
  const url = databaseUrlOf(environment, 'auth', true);
  const source = createDataSource({ url, service: 'auth', poolSize: 1, entities });
  await source.initialize();
  try {
    if (fernet === undefined) return show(await listStaff(source.manager));
    await change(wish, new StaffRoles(source, new Outbox(fernet)), source);
  } finally {
    await source.destroy();
  }
}

async function change(wish: Wish, roles: StaffRoles, source: DataSource): Promise<void> {
  if (wish.action === 'list') return;
  const { email } = wish;
  if (wish.action === 'revoke') {
    await roles.revoke(email);
    return console.log(`${email} is no longer of the staff, and is signed out everywhere.`);
  }
  const isNew = await roles.grant(email, wish.role);
  if (!isNew) return console.log(`${email} is ${wish.role} already.`);
  console.log(`${email} is ${wish.role} now, and is signed out everywhere.`);
  const member = (await listStaff(source.manager)).find((candidate) => candidate.email === email);
  if (member?.hasSecondFactor === false) console.log(styleText('yellow', secondFactorMissing));
}

const secondFactorMissing =
  'There is no second factor yet: the role opens nothing until two-factor sign-in is on, or a passkey is there.';

function show(members: readonly StaffMember[]): void {
  if (members.length === 0) return console.log('Nobody is of the staff yet: see npm run staff -- --help.');
  const rows = members.map(({ email, name, role, hasSecondFactor }) => [
    email,
    role,
    hasSecondFactor ? 'yes' : 'no',
    name,
  ]);
  console.log(alignedTable([['address', 'role', 'second factor', 'name'], ...rows]));
}

function wishOf(args: readonly string[]): Wish | undefined {
  const parsed = parse('staff', args, { role: { type: 'string' } });
  if (parsed === undefined) return undefined;
  const { values, positionals } = parsed;
  const [action, whom, ...rest] = positionals;
  if (action === undefined) return undefined;
  if (rest.length > 0) throw misunderstood('staff', args);
  if (action === 'list' && whom === undefined && values.role === undefined) return { action };
  if (action === 'revoke' && whom !== undefined && values.role === undefined) return { action, email: emailOf(whom) };
  if (action === 'grant' && whom !== undefined) return { action, email: emailOf(whom), role: roleOf(values.role) };
  throw misunderstood('staff', args);
}

function emailOf(text: string): string {
  const { data } = address.safeParse(text);
  if (data === undefined) throw new UsageError(`Not an e-mail address: ${text}.`);
  return data;
}

function roleOf(text: string | undefined): StaffRole {
  const { data } = staffRole.safeParse(text);
  if (data === undefined) throw new UsageError(`Say which role: --role ${staffRole.options.join(' or --role ')}.`);
  return data;
}
