import { acrossTenants, queryRows } from '#libs/database';
import type { DataSource } from 'typeorm';
import { z } from 'zod';

/** The newest entry of a chain: whoever notes it elsewhere can tell later whether the chain still begins like that. */
export interface AuditHead {
  /** Null: the platform's chain. */
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
const nobody = '00000000-0000-0000-0000-000000000000';

const auditHeadsSql = `${columns} WHERE organization_id > $1 ORDER BY organization_id LIMIT $2`;

/** That of the platform, if it has begun, then those of the organizations by their ids. */
export async function* auditHeads(source: DataSource): AsyncGenerator<AuditHead> {
  yield* await read(source, `${columns} WHERE organization_id IS NULL`, []);
  let last = nobody;
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
  return source.transaction(async (manager) => {
    await acrossTenants(manager);
    return queryRows(manager, sql, parameters, row);
  });
}
