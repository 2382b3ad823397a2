import { nilId, queryRows, transactAcrossTenants } from '#libs/database';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { auditColumns, auditRow } from './audit-entries.table';
import { faultOf, type CheckedRow, type Fault } from './fault';

/** The chains of all organizations, of one organization, or of the platform. */
export type AuditScope = 'organizations' | 'platform' | { readonly organizationId: string };

/** The first entry of a chain that is not as it was written. Later entries of the chain prove nothing. */
export interface BrokenChain extends Fault {
  /** Null for the platform's chain. */
  readonly organizationId: string | null;
}

export interface AuditCounts {
  entries: number;
  chains: number;
  erased: number;
}

export interface Verification {
  readonly counts: Readonly<AuditCounts>;
  /** The first 100. */
  readonly broken: readonly BrokenChain[];
}

export interface VerificationOptions {
  /** Called for each correct entry with its hash in hexadecimal. */
  readonly onEntry?: (hash: string) => void;
  /** Called after every 1,000 entries. */
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

/**
 * Recomputes chains from their first entry, in pages. Services may keep writing, because each page reads the head too.
 * If the last entries and the head of a chain are both gone, only a copy of an earlier head can prove it.
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
  const first = typeof scope === 'string' ? nilId : scope.organizationId;
  const parameters = [last?.organizationId ?? first, String(last?.sequence ?? 0), entriesPerPage];
  return transactAcrossTenants(source, (manager) => queryRows(manager, sql, parameters, checkedRow));
}

/** Goes from chain to chain and skips the rest of a chain after a fault. */
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

  /** The head of a chain must match its last entry. */
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

/** Finds heads whose entries are all gone. */
function emptyChains(source: DataSource, scope: AuditScope): Promise<BrokenChain[]> {
  const sql = scope === 'organizations' ? emptyAny : scope === 'platform' ? emptyPlatform : emptyOne;
  const first = typeof scope === 'string' ? nilId : scope.organizationId;
  return transactAcrossTenants(source, async (manager) => {
    const row = z.object({ organizationId: z.uuid().nullable() });
    const heads = await queryRows(manager, sql, [first, mostReported], row);
    return heads.map((head) => ({ ...head, sequence: 1n, id: null, reason: 'is missing, as are all after it' }));
  });
}
