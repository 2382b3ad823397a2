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

const help = `npm run staff -- list | grant <email> --role support|admin | revoke <email>

Manages who belongs to the staff of this installation and can use /api/v1/admin. Staff roles can only be granted here.

  list                          show everyone with a staff role
  grant <email> --role <role>   support: search and view accounts, sign users out, impersonate users read-only
                                admin:   everything that support can do, and suspend and reinstate, impersonate with
                                         write access, and replay and drop dead letters
                                The account must exist and have a verified email address. To change a role, grant
                                the new one
  revoke <email>                remove the role

Each change signs the user out everywhere within a second and notifies them by email. They must sign in again with
two-factor authentication to use the role.

  DATABASE_URL_AUTH        the database of auth (or DATABASE_URL)
  FIELD_ENCRYPTION_KEY     the same value as in auth; only needed to grant and revoke
  If neither is set, the command uses those of the suite that npm start runs.

Examples
  npm run staff -- list
  npm run staff -- grant grace@example.com --role support
  npm run staff -- grant ada@example.com --role admin
  npm run staff -- revoke grace@example.com
  node dist/scripts/staff.js list          in a container, with the environment of auth`;

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
    return console.log(`${email} no longer has a staff role and was signed out everywhere.`);
  }
  const isNew = await roles.grant(email, wish.role);
  if (!isNew) return console.log(`${email} already has the role ${wish.role}.`);
  console.log(`${email} now has the role ${wish.role} and was signed out everywhere.`);
  const member = (await listStaff(source.manager)).find((candidate) => candidate.email === email);
  if (member?.hasSecondFactor === false) console.log(styleText('yellow', secondFactorMissing));
}

const secondFactorMissing =
  'This user has no second factor yet. To use the role, they must turn on two-factor authentication or add a passkey.';

function show(members: readonly StaffMember[]): void {
  if (members.length === 0) return console.log('There are no staff yet. To add some, see npm run staff -- --help.');
  const rows = members.map(({ email, name, role, hasSecondFactor }) => [
    email,
    role,
    hasSecondFactor ? 'yes' : 'no',
    name,
  ]);
  console.log(alignedTable([['email', 'role', 'second factor', 'name'], ...rows]));
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
  if (data === undefined) throw new UsageError(`Not an email address: ${text}.`);
  return data;
}

function roleOf(text: string | undefined): StaffRole {
  const { data } = staffRole.safeParse(text);
  if (data === undefined) throw new UsageError(`Choose a role: --role ${staffRole.options.join(' or --role ')}.`);
  return data;
}
