import { styleText } from 'node:util';
import { readFileSync } from 'node:fs';
import {
  auditHeadOf,
  auditHeads,
  verifyAuditLog,
  type AuditHead,
  type AuditScope,
  type BrokenChain,
} from '#libs/audit';
import type { DataSource } from 'typeorm';
import { type Command, misunderstood, parse, UsageError } from '#libs/command';
import { databaseHelp, withDatabase } from './with-database';

const help = `npm run audit -- verify [--organization <id>] [--expect <hash>] … [--expect-heads <file>]
npm run audit -- heads [--organization <id>]

Checks that the audit log is unchanged. It recomputes each hash chain from the first entry, and names the first entry that
was changed, removed, added, or moved. The services can keep running. docs/audit-log.md explains what this proves.

  verify                   check the chain of every organization and of the platform
  heads                    print the chain, number, and hash of each newest entry. Keep them where nobody who can write
                           to the database can change them

  --organization <id>      check or print the chain of this organization only
  --expect <hash>          a head from an earlier run that must still exist. You can repeat this option
  --expect-heads <file>    all heads in a file that "heads" wrote. Use - for standard input

${databaseHelp()}

Exit codes: 0 if the log is unchanged, 1 if it is not, 2 if the arguments are not valid.

Examples
  npm run audit -- verify
  npm run audit -- verify --organization 0199e0a3-5a3c-7c1e-b0a5-6f2f3a1d9c11
  npm run audit -- verify --expect 8d3f…
  npm run -s audit -- heads > heads.txt
  npm run audit -- verify --expect-heads heads.txt
  DATABASE_URL=postgres://… node dist/scripts/audit.js verify          in a container, with the environment of auth`;

interface Request {
  readonly action: 'verify' | 'heads';
  readonly organizationId: string | undefined;
  readonly expected: ReadonlySet<string>;
}

export const audit: Command = async (args, environment) => {
  const request = requestOf(args);
  if (request === undefined) return void console.log(help);
  return withDatabase({ service: 'auth', environment, entities: [] }, async (source) => {
    if (request.action === 'verify') return verify(source, request);
    return listHeads(source, request);
  });
};

const options = {
  organization: { type: 'string' },
  expect: { type: 'string', multiple: true },
  'expect-heads': { type: 'string' },
} as const;

function requestOf(args: readonly string[]): Request | undefined {
  const { values = {}, positionals = [] } = parse('audit', args, options) ?? {};
  const [action, ...rest] = positionals;
  if (action === undefined) return undefined;
  const { organization, expect = [], 'expect-heads': file } = values;
  const expects = expect.length > 0 || file !== undefined;
  if (rest.length > 0 || (action !== 'verify' && action !== 'heads') || (action === 'heads' && expects)) {
    throw misunderstood('audit', args);
  }
  if (organization !== undefined && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(organization))
    throw new UsageError(`Not an organization id: ${organization}. Use the id from the API, a UUID.`);
  const expected = [...expect, ...(file === undefined ? [] : hashesIn(file))].map(hashOf);
  return { action, organizationId: organization?.toLowerCase(), expected: new Set(expected) };
}

/** The last word of each line is a hash, as `heads` writes it. */
function hashesIn(file: string): string[] {
  try {
    const lines = readFileSync(file === '-' ? 0 : file, 'utf8').split('\n');
    return lines.flatMap((line) => (line.trim() === '' ? [] : (line.trim().split(/\s+/).at(-1) ?? [])));
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hashOf(text: string): string {
  if (!/^[\da-f]{64}$/i.test(text)) throw new UsageError(`Not a hash: ${text}. A hash has 64 hexadecimal digits.`);
  return text.toLowerCase();
}

async function listHeads(source: DataSource, { organizationId }: Request): Promise<undefined> {
  if (organizationId === undefined) for await (const head of auditHeads(source)) console.log(lineOf(head));
  else {
    const head = await auditHeadOf(source, organizationId);
    if (head === undefined) throw noChain(organizationId);
    console.log(lineOf(head));
  }
  return undefined;
}

const noChain = (organizationId: string) =>
  new Error(`The audit log has no entries for organization ${organizationId}. Check the id.`);
const lineOf = ({ organizationId, sequence, hash }: AuditHead) => `${nameOf(organizationId)}  ${sequence}  ${hash}`;
const nameOf = (organizationId: string | null) => organizationId ?? 'platform';

async function verify(source: DataSource, { organizationId, expected }: Request): Promise<number> {
  const missing = new Set(expected);
  const scopes: AuditScope[] = organizationId === undefined ? ['platform', 'organizations'] : [{ organizationId }];
  const broken: BrokenChain[] = [];
  for (const scope of scopes) {
    const { counts, broken: found } = await verifyAuditLog(source, scope, {
      onEntry: (hash) => missing.delete(hash),
      onProgress: everyTwoSeconds(({ entries, chains }) => {
        console.log(styleText('dim', `Checked ${entries} entries in ${chains} chains so far`));
      }),
    });
    const erased = counts.erased === 0 ? '' : `, ${counts.erased} with erased details`;
    console.log(
      `${typeof scope === 'string' ? scope : organizationId}: ${counts.entries} entries in ${counts.chains} chains${erased}`,
    );
    broken.push(...found);
    if (organizationId !== undefined && counts.chains + found.length === 0) throw noChain(organizationId);
  }
  return report(broken, [...missing]);
}

function everyTwoSeconds<T>(print: (value: T) => void): (value: T) => void {
  let printedAt = performance.now();
  return (value) => {
    if (performance.now() - printedAt < 2_000) return;
    printedAt = performance.now();
    print(value);
  };
}

function report(broken: readonly BrokenChain[], missing: readonly string[]): number {
  for (const { organizationId, sequence, id, reason } of broken) {
    const name = id === null ? '' : ` (${id})`;
    console.error(styleText('red', `${nameOf(organizationId)}: entry ${sequence}${name} ${reason}.`));
  }
  for (const hash of missing) {
    console.error(
      styleText(
        'red',
        `No entry has the expected hash ${hash}. Entries were removed or rewritten since you recorded it.`,
      ),
    );
  }
  if (broken.length + missing.length > 0) return 1;
  console.log(styleText('green', 'The audit log is unchanged.'));
  return 0;
}
