import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from './json';

/** What an erasure clears. The salt prevents guessing it from its hash afterwards. */
export interface AuditDetails {
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly ip: string | null;
  /** 16 random bytes. */
  readonly salt: Buffer;
}

/** What an erasure keeps. */
export interface AuditFacts {
  readonly id: string;
  readonly organizationId: string | null;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly credentialId: string | null;
  readonly impersonatorId: string | null;
  readonly act: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly requestId: string;
}

export interface AuditPlace {
  readonly sequence: bigint;
  readonly createdAt: Date;
  readonly previousHash: Buffer;
}

const version = Buffer.of(1);

export function detailsHash({ before, after, ip, salt }: AuditDetails): Buffer {
  return sha256(canonicalJson({ before, after, ip, salt: salt.toString('hex') }));
}

export function contentHash(facts: AuditFacts, details: Buffer): Buffer {
  const { id, organizationId, actorKind, actorId, credentialId, impersonatorId } = facts;
  const { act, targetType, targetId, requestId } = facts;
  const actor = { actorKind, actorId, credentialId, impersonatorId };
  const what = { act, targetType, targetId, requestId, detailsHash: details.toString('hex') };
  return sha256(canonicalJson({ id, organizationId, ...actor, ...what }));
}

/** Computes the same as the database function audit_hash. */
export function entryHash({ sequence, createdAt, previousHash }: AuditPlace, content: Buffer): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64BE(sequence);
  numbers.writeBigInt64BE(BigInt(createdAt.getTime()), 8);
  return sha256(Buffer.concat([version, previousHash, numbers, content]));
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
