import { nilId, queryRows, transactAcrossTenants } from '#libs/database';
import type { DataSource } from 'typeorm';
import { z } from 'zod';

/** The newest entry of a chain. A copy of it elsewhere proves later that the chain still contains it. */
export interface AuditHead {
  /** Null for the platform's chain. */
  readonly organizationId: string | null;
  readonly sequence: bigint;
  /** In hexadecimal. */
  readonly hash: string;
}

const row = z.object({
  organizationId: z.uuid().nullable(),
  sequence: z.coerce.bigint(),
  hash: z.instanceof(Buffer).transform((hash) => hash.toString('hex')),
});
const headsPerPage = 1_000;
const columns = 'SELECT organization_id AS "organizationId", sequence, hash FROM audit_chains';

const auditHeadsSql = `${columns} WHERE organization_id > $1 ORDER BY organization_id LIMIT $2`;

/** Yields the platform's head, if its chain has an entry, then those of the organizations by id. */
export async function* auditHeads(source: DataSource): AsyncGenerator<AuditHead> {
  yield* await read(source, `${columns} WHERE organization_id IS NULL`, []);
  let last = nilId;
  for (;;) {
    const heads = await read(source, auditHeadsSql, [last, headsPerPage]);
    yield* heads;
    last = heads.at(-1)?.organizationId ?? last;
    if (heads.length < headsPerPage) return;
  }
}

export async function auditHeadOf(source: DataSource, organizationId: string): Promise<AuditHead | undefined> {
  const [head] = await read(source, `${columns} WHERE organization_id = $1`, [organizationId]);
  return head;
}

function read(source: DataSource, sql: string, parameters: readonly unknown[]): Promise<AuditHead[]> {
  return transactAcrossTenants(source, (manager) => queryRows(manager, sql, parameters, row));
}
