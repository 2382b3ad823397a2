import { styleText } from 'node:util';
import { readFileSync } from 'node:fs';
import { createDataSource } from '#libs/database';
import type { DataSource } from 'typeorm';
import { auditHeadOf, auditHeads, type AuditHead } from '../audit/audit-log/heads';
import { verifyAuditLog, type AuditScope, type BrokenChain } from '../audit/audit-log/verification';
import { type Command, databaseUrlOf, misunderstood, parse, surroundings, UsageError } from '#libs/command';

const help = `npm run audit -- verify [--organization <id>] [--expect <hash>] … [--expect-heads <file>]
npm run audit -- heads [--organization <id>]

Computes the chains of the audit log again from the first entry, and names the first entry of each chain that was changed,
removed, added or moved. The services may go on meanwhile. docs/audit-log.md says what it proves.

  verify                   every organization's chain and the platform's own
  heads                    chain, number and hash of the newest entry of each: to be kept where nobody who can write to the
                           database can write

  --organization <id>      the chain of this organization alone
  --expect <hash>          a head that was noted: some entry must still have it. May be given several times
  --expect-heads <file>    every head of a file that «heads» wrote; - reads the standard input

  DATABASE_URL_AUTH        auth's database (DATABASE_URL will do); without it, that of the suite that npm start runs

Exit code: 0 when all is as it was written, 1 when something is not, 2 when the command was not understood.

Examples
  npm run audit -- verify
  npm run audit -- verify --organization 0199e0a3-5a3c-7c1e-b0a5-6f2f3a1d9c11
  npm run audit -- verify --expect 8d3f…
  npm run -s audit -- heads > heads.txt
  npm run audit -- verify --expect-heads heads.txt
  DATABASE_URL=postgres://… node dist/scripts/audit.js verify          in an image, with auth's own environment`;

interface Wish {
  readonly action: 'verify' | 'heads';
  readonly organizationId: string | undefined;
  readonly expected: ReadonlySet<string>;
}

export const audit: Command = async (args, environment) => {
  const wish = wishOf(args);
  if (wish === undefined) return void console.log(help);
  const url = databaseUrlOf(surroundings(environment), 'auth', true);
  const source = createDataSource({ url, service: 'auth', poolSize: 1, entities: [] });
  await source.initialize();
  try {
    if (wish.action === 'verify') return await verify(source, wish);
    await listHeads(source, wish);
    return undefined;
  } finally {
    await source.destroy();
  }
};

const options = {
  organization: { type: 'string' },
  expect: { type: 'string', multiple: true },
  'expect-heads': { type: 'string' },
} as const;

function wishOf(args: readonly string[]): Wish | undefined {
  const { values = {}, positionals = [] } = parse('audit', args, options) ?? {};
  const [action, ...rest] = positionals;
  if (action === undefined) return undefined;
  const { organization, expect = [], 'expect-heads': file } = values;
  const expects = expect.length > 0 || file !== undefined;
  if (rest.length > 0 || (action !== 'verify' && action !== 'heads') || (action === 'heads' && expects)) {
    throw misunderstood('audit', args);
  }
  if (organization !== undefined && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(organization))
    throw new UsageError(`Not an organization's id: ${organization}.`);
  const expected = [...expect, ...(file === undefined ? [] : hashesIn(file))].map(hashOf);
  return { action, organizationId: organization?.toLowerCase(), expected: new Set(expected) };
}

/** The last word of each line, as «heads» writes them. */
function hashesIn(file: string): string[] {
  try {
    const lines = readFileSync(file === '-' ? 0 : file, 'utf8').split('\n');
    return lines.flatMap((line) => (line.trim() === '' ? [] : (line.trim().split(/\s+/).at(-1) ?? [])));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hashOf(text: string): string {
  if (!/^[\da-f]{64}$/i.test(text)) throw new UsageError(`Not a hash of 64 hexadecimal digits: ${text}.`);
  return text.toLowerCase();
}

async function listHeads(source: DataSource, { organizationId }: Wish): Promise<void> {
  if (organizationId === undefined) for await (const head of auditHeads(source)) console.log(lineOf(head));
  else console.log(lineOf(await existingHead(source, organizationId)));
}

async function existingHead(source: DataSource, organizationId: string): Promise<AuditHead> {
  const head = await auditHeadOf(source, organizationId);
  if (head === undefined) throw noChain(organizationId);
  return head;
}

const noChain = (organizationId: string) => new Error(`The audit log has no chain of ${organizationId}.`);
const lineOf = ({ organizationId, sequence, hash }: AuditHead) => `${nameOf(organizationId)}  ${sequence}  ${hash}`;
const nameOf = (organizationId: string | null) => organizationId ?? 'platform';

async function verify(source: DataSource, { organizationId, expected }: Wish): Promise<number> {
  const missing = new Set(expected);
  const scopes: AuditScope[] = organizationId === undefined ? ['platform', 'organizations'] : [{ organizationId }];
  const broken: BrokenChain[] = [];
  for (const scope of scopes) {
    const { counts, broken: found } = await verifyAuditLog(source, scope, {
      onEntry: (hash) => missing.delete(hash),
      onProgress: everyTwoSeconds(({ entries, chains }) => {
        console.log(styleText('dim', `${entries} entries of ${chains} chains so far`));
      }),
    });
    const erased = counts.erased === 0 ? '' : `, the details of ${counts.erased} erased`;
    console.log(
      `${typeof scope === 'string' ? scope : organizationId}: ${counts.entries} entries of ${counts.chains} chains${erased}`,
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
        `No entry has the expected hash ${hash}: entries were removed or written anew since it was noted.`,
      ),
    );
  }
  if (broken.length + missing.length > 0) return 1;
  console.log(styleText('green', 'Everything is as it was written.'));
  return 0;
}
