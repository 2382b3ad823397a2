import { parseArgs } from 'node:util';
import { staffRole, type StaffRole } from '#libs/contracts';
import { createDataSource } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { email as address } from '#libs/validation';
import type { DataSource } from 'typeorm';
import { listStaff, StaffRoles, type StaffMember } from '../apps/auth/src/administration/staff-roles';
import { colour } from './local/colour';
import { databaseUrlOf, fernetOf, surroundings, UsageError } from './local/operator';
import { alignedTable } from './local/table';

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

type Command =
  | { readonly action: 'list' }
  | { readonly action: 'grant'; readonly email: string; readonly role: StaffRole }
  | { readonly action: 'revoke'; readonly email: string };

async function main(args: readonly string[]): Promise<void> {
  const command = commandOf(args);
  if (command === undefined) return console.log(help);
  const environment = surroundings();
  const fernet = command.action === 'list' ? undefined : fernetOf(environment);
  const url = databaseUrlOf(environment, 'auth', true);
  const source = createDataSource({ url, service: 'auth', poolSize: 1, entities: [] });
  await source.initialize();
  try {
    if (fernet === undefined) return show(await listStaff(source.manager));
    await change(command, new StaffRoles(source, new Outbox(fernet)), source);
  } finally {
    await source.destroy();
  }
}

async function change(command: Command, roles: StaffRoles, source: DataSource): Promise<void> {
  if (command.action === 'list') return;
  const { email } = command;
  if (command.action === 'revoke') {
    await roles.revoke(email);
    return console.log(`${email} is no longer of the staff, and is signed out everywhere.`);
  }
  const isNew = await roles.grant(email, command.role);
  if (!isNew) return console.log(`${email} is ${command.role} already.`);
  console.log(`${email} is ${command.role} now, and is signed out everywhere.`);
  const member = (await listStaff(source.manager)).find((candidate) => candidate.email === email);
  if (member?.hasSecondFactor === false) console.log(colour('yellow', secondFactorMissing));
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

function commandOf(args: readonly string[]): Command | undefined {
  const { values, positionals } = parse(args);
  const [action, whom, ...rest] = positionals;
  if (values.help === true || action === undefined) return undefined;
  if (rest.length > 0) throw misunderstood(args);
  if (action === 'list' && whom === undefined && values.role === undefined) return { action };
  if (action === 'revoke' && whom !== undefined && values.role === undefined) return { action, email: emailOf(whom) };
  if (action === 'grant' && whom !== undefined) return { action, email: emailOf(whom), role: roleOf(values.role) };
  throw misunderstood(args);
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

function parse(args: readonly string[]) {
  const options = { help: { type: 'boolean', short: 'h' }, role: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch {
    throw misunderstood(args);
  }
}

function misunderstood(args: readonly string[]): UsageError {
  return new UsageError(`Not understood: ${args.join(' ')}. Try «npm run staff -- --help».`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(colour('red', error instanceof Error ? error.message : String(error)));
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
