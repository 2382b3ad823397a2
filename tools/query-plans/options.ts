import { parseArgs } from 'node:util';
import { UsageError } from '#libs/command';
import { fullScale, type Scale } from './scale';

export const help = `npm run bench:data [-- <options>]

Measures the database queries of auth at scale. Starts its own PostgreSQL, loads 1,000,000 users, 100,000 organizations, and
5,000,000 audit log entries (about ten minutes, up to 20 GB of temporary files), and runs every list and lookup with the
role of auth, behind row-level security. Prints the time of each query in the database and the indexes that it uses.
Exit codes: 0 if each query takes less than 20 ms at the 95th percentile and none scans a table of more than 10,000 rows, 1 if
not, 2 if the arguments are not valid.

  --scale <part>          scale all sizes, such as 0.1
  --users <n>             default 1000000
  --organizations <n>     default 100000
  --audit-rows <n>        default 5000000
  --samples <n>           calls of each query, each with different parameters (20 to 400; default 200)
  --json <file>           also write all figures to this file

Examples
  npm run bench:data
  npm run bench:data -- --scale 0.05 --samples 50
  npm run bench:data -- --users 20000 --organizations 12000 --audit-rows 100000 --json data.json`;

export interface DataOptions {
  readonly scale: Scale;
  readonly samples: number;
  readonly json: string | undefined;
}

/**
 * @returns undefined when the user asks for help
 * @throws UsageError
 */
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
  // Each organization has a chain with at least one entry, and members who are distinct users.
  if (scale.users < 1_000) throw new UsageError('Use at least 1000 users, so that some organizations are large.');
  if (scale.auditRows < 2 * scale.organizations)
    throw new UsageError('Use at least twice as many --audit-rows as --organizations.');
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
    throw new UsageError(`Invalid arguments: ${args.join(' ')}. See: npm run bench:data -- --help`);
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
