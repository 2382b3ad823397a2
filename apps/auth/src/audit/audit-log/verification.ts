import { acrossTenants, queryRows } from '#libs/database';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { auditColumns, auditRow } from './audit-entries.table';
import { faultOf, type CheckedRow } from './fault';

/** Which chains: of all organizations, of one, or the platform's own. */
export type AuditScope = 'organizations' | 'platform' | { readonly organizationId: string };

/** The first entry of a chain that is not as it was written. What comes after it in its chain proves nothing. */
export interface BrokenChain {
  /** Null: the platform's. */
  readonly organizationId: string | null;
  readonly sequence: bigint;
  /** Null where the entry itself is missing. */
  readonly id: string | null;
  readonly reason: string;
}

export interface AuditCounts {
  entries: number;
  chains: number;
  erased: number;
}

export interface Verification {
  readonly counts: Readonly<AuditCounts>;
  /** The first hundred. */
  readonly broken: readonly BrokenChain[];
}

export interface VerificationOptions {
  /** Called for each entry that follows on the one before: with its hash in hexadecimal. */
  readonly onEntry?: (hash: string) => void;
  /** Called after each thousand entries. */
  readonly onProgress?: (counts: Readonly<AuditCounts>) => void;
}

const entriesPerPage = 1_000;
const mostReported = 100;

const head = z.object({ headSequence: z.coerce.bigint().nullable(), headHash: z.instanceof(Buffer).nullable() });
const checkedRow = auditRow.and(head);

const pageOf = (which: string, head: string) => `
  WITH page AS (SELECT ${auditColumns} FROM audit_entries WHERE ${which} ORDER BY organization_id, sequence LIMIT $3)
  SELECT page.*, head.sequence AS "headSequence", head.hash AS "headHash" FROM page LEFT JOIN audit_chains head ON ${head}
  ORDER BY page."organizationId", page.sequence`;
const ofOne = pageOf('organization_id = $1 AND sequence > $2', 'head.organization_id = page."organizationId"');
const ofAll = pageOf('(organization_id, sequence) > ($1, $2)', 'head.organization_id = page."organizationId"');
const ofPlatform = pageOf(
  '$1::uuid IS NOT NULL AND organization_id IS NULL AND sequence > $2',
  'head.organization_id IS NULL',
);

/** Sorts before every organization. */
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Computes chains again from their first entry, in pages, while the services may go on writing: each page sees the head that it
 * belongs to. Of a chain whose last entries and head are both gone nothing tells, but a head that was noted before.
 */
export async function verifyAuditLog(
  source: DataSource,
  scope: AuditScope,
  options: VerificationOptions = {},
): Promise<Verification> {
  const counts = { entries: 0, chains: 0, erased: 0 };
  const broken: BrokenChain[] = [];
  const check = new ChainCheck(counts, broken, options.onEntry);
  let last: CheckedRow | undefined;
  for (;;) {
    const rows = await readPage(source, scope, last);
    for (const row of rows) check.next(row);
    options.onProgress?.(counts);
    last = rows.at(-1);
    if (last === undefined || rows.length < entriesPerPage) break;
  }
  check.end();
  broken.push(...(await emptyChains(source, scope)));
  return { counts, broken: broken.slice(0, mostReported) };
}

function readPage(source: DataSource, scope: AuditScope, last: CheckedRow | undefined): Promise<CheckedRow[]> {
  const sql = scope === 'organizations' ? ofAll : scope === 'platform' ? ofPlatform : ofOne;
  const first = typeof scope === 'string' ? nobody : scope.organizationId;
  const parameters = [last?.organizationId ?? first, String(last?.sequence ?? 0), entriesPerPage];
  return source.transaction(async (manager) => {
    await acrossTenants(manager);
    return queryRows(manager, sql, parameters, checkedRow);
  });
}

/** Goes from chain to chain, and skips what comes after a fault. */
class ChainCheck {
  private last: CheckedRow | undefined;
  private isBroken = false;

  constructor(
    private readonly counts: AuditCounts,
    private readonly broken: BrokenChain[],
    private readonly onEntry: (hash: string) => void = () => undefined,
  ) {}

  next(row: CheckedRow): void {
    if (this.last?.organizationId !== row.organizationId) this.begin();
    this.counts.entries++;
    if (row.erasedAt !== null) this.counts.erased++;
    if (!this.isBroken) this.compare(row);
    this.last = row;
  }

  private begin(): void {
    this.end();
    this.last = undefined;
    this.isBroken = false;
    this.counts.chains++;
  }

  private compare(row: CheckedRow): void {
    const fault = faultOf(row, this.last);
    if (fault === undefined) return this.onEntry(row.hash.toString('hex'));
    this.report({ organizationId: row.organizationId, ...fault });
  }

  /** The last entry of a chain must be the one that its head names. */
  end(): void {
    const { last } = this;
    if (last === undefined || this.isBroken) return;
    const { organizationId, sequence, id, headSequence, headHash } = last;
    if (headSequence === null)
      this.report({ organizationId, sequence, id, reason: 'the head of its chain is missing' });
    else if (headSequence > sequence)
      this.report({ organizationId, sequence: sequence + 1n, id: null, reason: 'is missing, as are all after it' });
    else if (headSequence < sequence || headHash?.equals(last.hash) !== true)
      this.report({ organizationId, sequence, id, reason: 'is not what the head of its chain says' });
  }

  private report(fault: BrokenChain): void {
    this.isBroken = true;
    if (this.broken.length < mostReported) this.broken.push(fault);
  }
}

const emptyOf = (which: string, own: string) => `
  SELECT head.organization_id AS "organizationId" FROM audit_chains head
  WHERE ${which} AND NOT EXISTS (SELECT FROM audit_entries WHERE ${own}) ORDER BY 1 LIMIT $2`;
const emptyOne = emptyOf('organization_id = $1', 'audit_entries.organization_id = head.organization_id');
const emptyAny = emptyOf('organization_id > $1', 'audit_entries.organization_id = head.organization_id');
const emptyPlatform = emptyOf(
  '$1::uuid IS NOT NULL AND organization_id IS NULL',
  'audit_entries.organization_id IS NULL',
);

/** Heads whose entries are all gone. */
function emptyChains(source: DataSource, scope: AuditScope): Promise<BrokenChain[]> {
  const sql = scope === 'organizations' ? emptyAny : scope === 'platform' ? emptyPlatform : emptyOne;
  const first = typeof scope === 'string' ? nobody : scope.organizationId;
  return source.transaction(async (manager) => {
    await acrossTenants(manager);
    const row = z.object({ organizationId: z.uuid().nullable() });
    const heads = await queryRows(manager, sql, [first, mostReported], row);
    return heads.map((head) => ({ ...head, sequence: 1n, id: null, reason: 'is missing, as are all after it' }));
  });
}
