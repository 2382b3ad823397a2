import { styleText } from 'node:util';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Edge } from '../access-matrix/edge';
import { People } from '../access-matrix/people';
import { type Command, misunderstood, parse, UsageError } from '#libs/command';
import { curlLine } from './curl';
import { Fuzzer, type Amounts, type Finding, type RouteReport } from './fuzzer';
import { operationsOf } from './openapi';
import type { Value } from './request';
import { startTarget, type LoggedError, type Target } from './target';

const help = `npm run fuzz [-- <options>]

Calls every route of the API with hostile values in every field, parameter, and header: NUL, lone surrogates, 60 kB,
__proto__, extreme numbers and dates, arrays instead of strings, bytes that are not UTF-8, and random values. Each request is
valid except for one value, and its caller has access to the route. The command starts its own suite and deletes it afterwards.

A finding is a 5xx or no response, a 4xx without a declared problem+json code, internal details in an error, a success with
a value that is not JSON or UTF-8, or an error in the logs.
Exit codes: 0 without findings, 1 with findings, 2 if the arguments are not valid.

  --seed <n>       repeat a run: the same seed sends the same values (default: a new seed, which is printed)
  --only <text>    only routes that contain this text, such as "POST /api/v1/auth"
  --known <n>      at most n known hostile values for each field (default: all)
  --random <n>     n random values for each field (default: 10)
  --keep           keep the suite running until Ctrl-C, and show access tokens in the curl lines. They work for ten minutes

Examples
  npm run fuzz
  npm run fuzz -- --seed 42
  npm run fuzz -- --seed 42 --only audit-log --keep
  npm run fuzz -- --known 0 --random 500 --only "POST /api/v1/organizations"`;

interface FuzzOptions {
  readonly seed: number;
  readonly only: string;
  readonly amounts: Amounts;
  readonly keep: boolean;
}

/**
 * @returns undefined when the user asks for help
 * @throws UsageError
 */
export function readFuzzOptions(args: readonly string[]): FuzzOptions | undefined {
  const option = { type: 'string' } as const;
  const options = { seed: option, only: option, known: option, random: option, keep: { type: 'boolean' } } as const;
  const parsed = parse('fuzz', args, options);
  if (parsed === undefined) return undefined;
  const { values, positionals } = parsed;
  if (positionals.length > 0) throw misunderstood('fuzz', positionals);
  const seed = numberIn('--seed', values.seed ?? String(randomInt(2 ** 31)), 2 ** 31);
  const known = numberIn('--known', values.known ?? '100000', 100_000);
  const random = numberIn('--random', values.random ?? '10', 100_000);
  const amounts = { known, random, shared: Math.min(known, 3) };
  return { seed, only: values.only ?? '', amounts, keep: values.keep === true };
}

function numberIn(name: string, text: string, most: number): number {
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`${name} ${text} is not a whole number from 0 to ${most}.`);
}

export const fuzz: Command = async (args) => {
  const options = readFuzzOptions(args);
  if (options === undefined) return void console.log(help);
  console.log(`Seed ${options.seed}`);
  const target = await startTarget((line) => console.log(styleText('dim', line)));
  const interrupted = () => void target.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const reports = await runAll(target, options);
    const findings = reports.flatMap((report) => report.findings);
    for (const lines of findingReports(target.api, findings, options.keep)) console.log(`\n${lines}`);
    for (const lines of errorReports(target.errors)) console.log(`\n${lines}`);
    console.log(`\n${summary(reports, target)} Repeat with --seed ${options.seed}.`);
    if (options.keep) await keepRunning();
    return findings.length === 0 && target.errors.length === 0 ? 0 : 1;
  } finally {
    await target.stop();
  }
};

async function runAll({ api, authDatabase }: Target, { only, amounts, seed }: FuzzOptions): Promise<RouteReport[]> {
  const operations = (await operationsOf(api)).filter(({ route }) => route.includes(only));
  if (operations.length === 0) throw new UsageError(`No route contains ${only}.`);
  const people = new People(authDatabase);
  const fuzzer = new Fuzzer(new Edge(api), people, api, amounts, seed);
  const reports: RouteReport[] = [];
  try {
    for (const operation of operations) {
      const report = await fuzzer.run(operation);
      reports.push(report);
      console.log(progressLine(report, `${reports.length}/${operations.length}`.padStart(7)));
    }
    return reports;
  } finally {
    await people.close();
  }
}

function progressLine({ route, findings, statuses }: RouteReport, place: string): string {
  const counts = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${count}× ${status}`);
  const mark = findings.length === 0 ? styleText('green', '✓') : styleText('red', `✗ ${findings.length} findings`);
  return `${place} ${mark} ${route}  ${styleText('dim', counts.join(', '))}`;
}

/**
 * Each finding with the command that sends its request again. Findings with the same fault at the same
 * place are one.
 */
function findingReports(api: string, findings: readonly Finding[], showTokens: boolean): string[] {
  const kinds = Map.groupBy(
    findings,
    ({ route, where, fault }) => `${styleText('red', '✗')} ${route}, ${where}: ${fault}`,
  );
  const folder = join(tmpdir(), 'groundwork-fuzz-bodies');
  return [...kinds].map(([kind, alike]) => {
    const lines = alike
      .slice(0, 3)
      .flatMap(({ value, request, response }) => [
        `  ${shown(value)}`,
        `    ${styleText('dim', response)}`,
        `    ${curlLine(api, request, folder, showTokens)}`,
      ]);
    return [kind, ...lines, ...(alike.length > 3 ? [`  and ${alike.length - 3} more values`] : [])].join('\n');
  });
}

export function shown(value: Value): string {
  const escaped = (sign: string) => String.raw`\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const text = JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, escaped);
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text;
}

/** Errors of the same kind are one. */
function errorReports(errors: readonly LoggedError[]): string[] {
  return [...Map.groupBy(errors, ({ kind }) => kind)].map(
    ([kind, alike]) =>
      `${styleText('red', '✗')} Logged ${alike.length}×: ${kind}\n  ${styleText('dim', alike[0]?.line ?? '')}`,
  );
}

function summary(reports: readonly RouteReport[], { errors }: Target): string {
  const requests = reports.flatMap(({ statuses }) => [...statuses.values()]).reduce((sum, count) => sum + count, 0);
  const findings = reports.flatMap((report) => report.findings).length;
  return `${reports.length} routes, ${requests} requests, ${findings} findings, ${errors.length} errors in the logs.`;
}

async function keepRunning(): Promise<void> {
  console.log('The suite keeps running. Press Ctrl-C to stop it.');
  await once(process, 'SIGINT');
}
