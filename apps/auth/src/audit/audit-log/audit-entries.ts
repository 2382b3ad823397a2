import type { AuditEntry, AuditFilter } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { cursorAt, placeIn } from '../../account/list/cursor';

const details = z.record(z.string(), z.json());

/** What one row holds, as the trigger and AuditLog wrote it. */
export const auditRow = z.object({
  id: z.uuid(),
  organizationId: z.uuid().nullable(),
  sequence: z.coerce.bigint(),
  actorKind: z.enum(['session', 'api_key', 'system']),
  actorId: z.uuid().nullable(),
  credentialId: z.uuid().nullable(),
  impersonatorId: z.uuid().nullable(),
  act: z.string(),
  targetType: z.string(),
  targetId: z.string(),
  before: details.nullable(),
  after: details.nullable(),
  requestId: z.string(),
  ip: z.string().nullable(),
  salt: z.instanceof(Buffer).nullable(),
  detailsHash: z.instanceof(Buffer),
  createdAt: z.date(),
  erasedAt: z.date().nullable(),
  previousHash: z.instanceof(Buffer),
  hash: z.instanceof(Buffer),
});
export type AuditRow = z.output<typeof auditRow>;

export const auditColumns = `id, organization_id AS "organizationId", sequence, actor_kind AS "actorKind", actor_id AS "actorId",
  credential_id AS "credentialId", impersonator_id AS "impersonatorId", act, target_type AS "targetType", target_id AS "targetId",
  before, after, request_id AS "requestId", ip, salt, details_hash AS "detailsHash", created_at AS "createdAt",
  erased_at AS "erasedAt", previous_hash AS "previousHash", hash`;

/**
 * Times never go back along a chain, so that each bound of time is found as one of the sequence, by the index on both. The chain is part of
 * each order: the platform's is that of NULL, which PostgreSQL takes for no single value, and would sort all of its entries.
 */
const newestFirst = (chain: string) => `
  SELECT ${auditColumns} FROM audit_entries
  WHERE ${chain} AND ($2::uuid IS NULL OR actor_id = $2) AND ($3::text IS NULL OR act = $3)
    AND ($4::text IS NULL OR target_id = $4) AND ($7::bigint IS NULL OR sequence < $7)
    AND ($5::timestamptz IS NULL OR sequence >= (SELECT sequence FROM audit_entries
      WHERE ${chain} AND created_at >= $5 ORDER BY organization_id, created_at, sequence LIMIT 1))
    AND ($6::timestamptz IS NULL OR sequence <= (SELECT sequence FROM audit_entries
      WHERE ${chain} AND created_at <= $6 ORDER BY organization_id DESC, created_at DESC, sequence DESC LIMIT 1))
  ORDER BY organization_id DESC, sequence DESC LIMIT $8`;
const ofOrganization = newestFirst('organization_id = $1');
const ofPlatform = newestFirst('$1::uuid IS NULL AND organization_id IS NULL');

interface AuditPage {
  readonly data: AuditEntry[];
  readonly nextCursor: string | null;
}

/**
 * Entries of one chain, newest first. A cursor is a place in the chain, so that a page neither repeats nor leaves out an
 * entry, however many have one time, and whatever is written meanwhile.
 * @param organizationId null: the platform's chain, which `acrossTenants` shows
 * @throws ProblemError `validation_failed` for a cursor of another list
 */
export async function auditPage(
  manager: EntityManager,
  organizationId: string | null,
  { actor, act, target, from, to, cursor, limit }: AuditFilter & { readonly cursor?: string; readonly limit: number },
): Promise<AuditPage> {
  const filter = [actor, act, target, from, to].map((value) => value ?? null);
  const parameters = [organizationId, ...filter, placeOf(cursor), limit + 1];
  const sql = organizationId === null ? ofPlatform : ofOrganization;
  const rows = await queryRows(manager, sql, parameters, auditRow);
  const fitting = fit(rows.slice(0, limit).map(present));
  const last = fitting.at(-1);
  const more = last !== undefined && fitting.length < rows.length;
  return { data: fitting, nextCursor: more ? cursorAt(String(last.sequence)) : null };
}

/** Characters: what else a message between services holds has room beside them in its megabyte. */
const largestPage = 900_000;

/** At least one, as one always fits. */
function fit(entries: AuditEntry[]): AuditEntry[] {
  let size = 0;
  const end = entries.findIndex((entry) => (size += JSON.stringify(entry).length) > largestPage);
  return end === -1 ? entries : entries.slice(0, end);
}

const sequence = z.string().regex(/^[1-9]\d{0,17}$/);

function placeOf(cursor: string | undefined): string | null {
  return cursor === undefined ? null : placeIn(cursor, (place) => sequence.parse(place));
}

function present(row: AuditRow): AuditEntry {
  const { id, act, before, after, requestId, ip, erasedAt, salt } = row;
  const { actorKind: kind, actorId, credentialId, impersonatorId } = row;
  return {
    id,
    sequence: Number(row.sequence),
    at: row.createdAt.toISOString(),
    actor: { kind, id: actorId, credentialId, impersonatorId },
    act,
    target: { type: row.targetType, id: row.targetId },
    before,
    after,
    requestId,
    ip,
    erasedAt: erasedAt?.toISOString() ?? null,
    proof: {
      previousHash: row.previousHash.toString('hex'),
      hash: row.hash.toString('hex'),
      detailsHash: row.detailsHash.toString('hex'),
      salt: salt?.toString('hex') ?? null,
    },
  };
}
