import type { Actor, AuditAct, AuditActorKind, AuditTargetType } from '#libs/contracts';
import { newId } from '#libs/database';
import { currentContext } from '#libs/observability';
import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { insertEntry } from './audit-entries.table';
import { contentHash, detailsHash } from './entry-hash';
import type { JsonObject } from './json';
import { presentable } from './presentable';

export interface AuditInput {
  /** Null for the platform's chain. */
  readonly organizationId: string | null;
  readonly act: AuditAct;
  /** The id of a membership is its user's id. */
  readonly target: { readonly type: AuditTargetType; readonly id: string };
  /** What the act changed. Properties named like secrets are dropped and long texts are cut. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/** Records who did what, permanently. */
@Injectable()
export class AuditLog {
  /**
   * Runs in the transaction of the act, so an act that rolls back leaves no entry and no gap. Call it last: it
   * locks the chain until the commit. For several chains, record by organization id, the platform's last.
   * Row-level security requires `asTenant` or `acrossTenants`.
   */
  async record(manager: EntityManager, entry: AuditInput): Promise<void> {
    const { actor = null, client = null, requestId = '' } = currentContext() ?? {};
    const { organizationId, act, target } = entry;
    const before = entry.before === undefined ? null : presentable(entry.before);
    const after = entry.after === undefined ? null : presentable(entry.after);
    const details = { before, after, ip: client?.ip ?? null, salt: randomBytes(16) };
    const who = describeActor(actor);
    const subject = { act, targetType: target.type, targetId: target.id };
    const facts = { id: newId(), organizationId, ...who, ...subject, requestId };
    const digest = detailsHash(details);
    const hash = contentHash(facts, digest);
    await insertEntry(manager, { ...facts, ...details, detailsHash: digest, hash });
  }

  /** Records in the platform's chain. */
  recordForPlatform(
    manager: EntityManager,
    act: AuditAct,
    target: AuditInput['target'],
    change: Pick<AuditInput, 'before' | 'after'> = {},
  ): Promise<void> {
    return this.record(manager, { organizationId: null, act, target, ...change });
  }
}

interface DescribedActor {
  readonly actorKind: AuditActorKind;
  readonly actorId: string | null;
  readonly credentialId: string | null;
  readonly impersonatorId: string | null;
}

function describeActor(actor: Actor | null): DescribedActor {
  if (actor === null) return { actorKind: 'system', actorId: null, credentialId: null, impersonatorId: null };
  const credentialId = actor.kind === 'session' ? actor.sessionId : actor.apiKeyId;
  return { actorKind: actor.kind, actorId: actor.userId, credentialId, impersonatorId: impersonatorOf(actor) };
}

function impersonatorOf(actor: Actor): string | null {
  const impersonatorId: unknown = 'impersonatorId' in actor ? actor.impersonatorId : null;
  return typeof impersonatorId === 'string' ? impersonatorId : null;
}
