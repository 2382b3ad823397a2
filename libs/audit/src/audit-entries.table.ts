import type { AuditActorKind, AuditEntry, AuditFilter } from '#libs/contracts';
import { columnsOf, cursorAt, execute, placeIn, queryRows } from '#libs/database';
import { Check, Column, Entity, Index, PrimaryColumn, Unique, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { JsonObject } from './json';

/** No foreign keys: an entry outlives what it names. */
@Entity('audit_entries')
@Unique('audit_entries_chain_key', ['organizationId', 'sequence'])
@Check('audit_entries_actor_kind_check', "actor_kind IN ('session', 'api_key', 'system')")
@Check('audit_entries_check', "(actor_id IS NULL) = (actor_kind = 'system')")
@Check('audit_entries_target_id_check', 'length(target_id) <= 128')
@Check('audit_entries_details_hash_check', 'octet_length(details_hash) = 32')
@Check('audit_entries_hash_check', 'octet_length(hash) = 32')
@Index('audit_entries_act_idx', ['organizationId', 'act', 'sequence'])
@Index('audit_entries_actor_id_idx', ['organizationId', 'actorId', 'sequence'])
@Index('audit_entries_created_at_idx', ['organizationId', 'createdAt', 'sequence'])
@Index('audit_entries_target_id_idx', ['organizationId', 'targetId', 'sequence'])
export class AuditEntryRecord {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { nullable: true }) organizationId!: string | null;
  @Column('bigint') sequence!: string;
  @Column('text') actorKind!: AuditActorKind;
  @Column('uuid', { nullable: true }) actorId!: string | null;
  @Column('uuid', { nullable: true }) credentialId!: string | null;
  @Column('uuid', { nullable: true }) impersonatorId!: string | null;
  @Column('text') act!: string;
  @Column('text') targetType!: string;
  @Column('text') targetId!: string;
  @Column('jsonb', { nullable: true }) before!: JsonObject | null;
  @Column('jsonb', { nullable: true }) after!: JsonObject | null;
  @Column('text') requestId!: string;
  @Column('text', { nullable: true }) ip!: string | null;
  @Column('bytea', { nullable: true }) salt!: Buffer | null;
  @Column('bytea') detailsHash!: Buffer;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) erasedAt!: Date | null;
  @Column('bytea') previousHash!: Buffer;
  @Column('bytea') hash!: Buffer;
}

const columns = columnsOf(AuditEntryRecord, [
  ...(['id', 'organizationId', 'sequence', 'actorKind', 'actorId', 'credentialId', 'impersonatorId', 'act'] as const),
  ...(['targetType', 'targetId', 'before', 'after', 'requestId', 'ip', 'salt', 'detailsHash', 'createdAt'] as const),
  ...(['erasedAt', 'previousHash', 'hash'] as const),
]);
export const auditColumns = columns.list;
export const auditRow = columns.row.transform(({ sequence, ...row }) => ({ ...row, sequence: BigInt(sequence) }));
export type AuditRow = z.output<typeof auditRow>;

type NewEntry = Omit<AuditEntryRecord, 'sequence' | 'createdAt' | 'erasedAt' | 'previousHash'>;

/** The table's trigger sets sequence, time, and the hash of both and this content. */
export async function insertEntry(manager: EntityManager, entry: NewEntry): Promise<void> {
  const { id, organizationId, actorKind, actorId, credentialId, impersonatorId, act, targetType, targetId } = entry;
  const sql = `INSERT INTO audit_entries (id, organization_id, actor_kind, actor_id, credential_id, impersonator_id,
      act, target_type, target_id, before, after, request_id, ip, salt, details_hash, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`;
  const { requestId, ip, salt, detailsHash, hash } = entry;
  await execute(manager, sql, [
    ...[id, organizationId, actorKind, actorId, credentialId, impersonatorId, act, targetType, targetId],
    ...[jsonOf(entry.before), jsonOf(entry.after), requestId, ip, salt, detailsHash, hash],
  ]);
}

function jsonOf(value: JsonObject | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/**
 * Times never go back along a chain, so an index finds each time bound as a sequence bound. Each ORDER BY
 * names the chain, because PostgreSQL does not treat NULL, the platform's chain, as one value and would sort all entries.
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
 * Returns entries of one chain, newest first. A cursor is a sequence, so pages never repeat or skip an entry.
 * @param organizationId null for the platform's chain, which only `acrossTenants` can read
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

/** In characters. A message between services has at most a megabyte, with everything else in it. */
const largestPage = 900_000;

/** Keeps at least one entry, because one always fits. */
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
