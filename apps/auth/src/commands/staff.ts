import { styleText } from 'node:util';
import {
  alignedTable,
  type Command,
  fernetOf,
  misunderstood,
  parse,
  surroundings,
  UsageError,
  type Variables,
} from '#libs/command';
import { staffRole, type StaffRole } from '#libs/contracts';
import { Outbox } from '#libs/jobs';
import { databaseHelp, withDatabase } from '#libs/operations';
import { email as emailAddress } from '#libs/validation';
import type { DataSource } from 'typeorm';
import { entities } from '../database';
import { listStaff, StaffRoles, type StaffMember } from '../staff/role/staff-roles';

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

${databaseHelp('to grant and revoke')}

Examples
  npm run staff -- list
  npm run staff -- grant grace@example.com --role support
  npm run staff -- grant ada@example.com --role admin
  npm run staff -- revoke grace@example.com
  node dist/scripts/staff.js list          in a container, with the environment of auth`;

type Request =
  | { readonly action: 'list' }
  | { readonly action: 'grant'; readonly email: string; readonly role: StaffRole }
  | { readonly action: 'revoke'; readonly email: string };

export const staff: Command = async (args, environment) => {
  const request = requestOf(args);
  if (request === undefined) console.log(help);
  else await run(request, surroundings(environment));
  return undefined;
};

async function run(request: Request, environment: Variables): Promise<void> {
  const fernet = request.action === 'list' ? undefined : fernetOf(environment);
  await withDatabase({ service: 'auth', environment, entities }, async (source) => {
    if (request.action === 'list' || fernet === undefined) return show(await listStaff(source.manager));
    const roles = new StaffRoles(source, new Outbox(fernet));
    if (request.action === 'grant') return grant(source, roles, request.email, request.role);
    await roles.revoke(request.email);
    console.log(`${request.email} no longer has a staff role and was signed out everywhere.`);
  });
}

async function grant(source: DataSource, roles: StaffRoles, email: string, role: StaffRole): Promise<void> {
  if (!(await roles.grant(email, role))) return console.log(`${email} already has the role ${role}.`);
  console.log(`${email} now has the role ${role} and was signed out everywhere.`);
  const member = (await listStaff(source.manager)).find((candidate) => candidate.email === email);
  if (member?.hasSecondFactor === false) console.log(styleText('yellow', secondFactorMissing));
}

const secondFactorMissing =
  'This user has no second factor yet. To use the role, they must turn on two-factor authentication or add a passkey.';

function show(members: readonly StaffMember[]): void {
  if (members.length === 0) return console.log('There are no staff yet. To add some, see npm run staff -- --help.');
  const rows = members.map((member) => [member.email, member.role, member.hasSecondFactor ? 'yes' : 'no', member.name]);
  console.log(alignedTable([['email', 'role', 'second factor', 'name'], ...rows]));
}

function requestOf(args: readonly string[]): Request | undefined {
  const parsed = parse('staff', args, { role: { type: 'string' } });
  const [action, email, ...rest] = parsed?.positionals ?? [];
  if (parsed === undefined || action === undefined) return undefined;
  const { role } = parsed.values;
  if (rest.length > 0) throw misunderstood('staff', args);
  if (action === 'list' && email === undefined && role === undefined) return { action };
  if (action === 'revoke' && email !== undefined && role === undefined) return { action, email: emailOf(email) };
  if (action === 'grant' && email !== undefined) return { action, email: emailOf(email), role: roleOf(role) };
  throw misunderstood('staff', args);
}

function emailOf(text: string): string {
  const { data } = emailAddress.safeParse(text);
  if (data === undefined) throw new UsageError(`Not an email address: ${text}.`);
  return data;
}

function roleOf(text: string | undefined): StaffRole {
  const { data } = staffRole.safeParse(text);
  if (data === undefined) throw new UsageError(`Choose a role: --role ${staffRole.options.join(' or --role ')}.`);
  return data;
}
