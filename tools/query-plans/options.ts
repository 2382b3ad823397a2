import { parseArgs } from 'node:util';
import { UsageError } from '#libs/command';
import { fullScale, type Scale } from './scale';

export const help = `npm run bench:data [-- <options>]

Starts a PostgreSQL of its own, loads auth's database with 1,000,000 users, 100,000 organizations and 5,000,000 entries of the
audit log (some ten minutes, up to 20 GB in the folder for temporary files), and asks every list and lookup of auth as its own role, behind
row-level security. Prints how long each takes in the database, by PostgreSQL's clock, and by which indexes it finds its rows.
Exit code: 0 when each is under 20 ms at the 95th percentile and none reads a table of over 10,000 rows from its first row to its
last, 1 when not, 2 when the command was not understood.

  --scale <part>          of all of these, such as 0.1
  --users <n>             default 1000000
  --organizations <n>     default 100000
  --audit-rows <n>        default 5000000
  --samples <n>           calls of each query, each with other parameters (20 to 400; default 200)
  --json <file>           writes all figures there, too

Examples
  npm run bench:data
  npm run bench:data -- --scale 0.05 --samples 50
  npm run bench:data -- --users 20000 --organizations 12000 --audit-rows 100000 --json data.json`;

export interface DataOptions {
  readonly scale: Scale;
  readonly samples: number;
  readonly json: string | undefined;
}

/** @returns undefined: help was asked for @throws UsageError */
export function readDataOptions(args: readonly string[]): DataOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const part = numberIn('--scale', values.scale ?? '1', 0.001, 10);
  const of = (option: string, given: string | undefined, full: number) =>
    given === undefined ? Math.max(100, Math.round(full * part)) : whole(option, given, 100, full * 10);
  const scale = {
    users: of('--users', values.users, fullScale.users),
    organizations: of('--organizations', values.organizations, fullScale.organizations),
    auditRows: of('--audit-rows', values['audit-rows'], fullScale.auditRows),
  };
  // Each organization has a chain of at least one entry, and members who are people of their own.
  if (scale.users < 1_000) throw new UsageError('Fewer than 1000 users are too few for any organization to be large.');
  if (scale.auditRows < 2 * scale.organizations)
    throw new UsageError('There must be at least twice as many --audit-rows as --organizations.');
  return { scale, samples: whole('--samples', values.samples ?? '200', 20, 400), json: values.json };
}

function parse(args: readonly string[]) {
  const option = { type: 'string' } as const;
  const options = {
    help: { type: 'boolean', short: 'h' },
    scale: option,
    users: option,
    organizations: option,
    'audit-rows': option,
    samples: option,
    json: option,
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch {
    throw new UsageError(`Not understood: ${args.join(' ')}. Try «npm run bench:data -- --help».`);
  }
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = numberIn(option, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`${option} ${text} is not a whole number.`);
}

function numberIn(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new UsageError(`${option} ${text} is not understood: give a number from ${least} to ${most}.`);
}
