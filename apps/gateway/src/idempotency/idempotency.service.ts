import { ProblemError } from '#libs/contracts';
import { newId, queryRows } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { GatewayConfig } from '../config';
import { giveKeyBack, keepAnswer, takeKey } from './idempotency-records.table';
import { StoredAnswer, storedAnswer, type StoredAnswerContent } from './stored-answer';

const retentionHours = 24;
/** A request ends by the time-out: this much later, the gateway that held its key has crashed. */
const leaseMarginSeconds = 10;

/** One use of a key: `id` is whose key it is, `fingerprint` what it is used for. */
export interface Attempt {
  readonly id: Buffer;
  readonly fingerprint: Buffer;
}

export interface Lease {
  readonly id: Buffer;
  readonly leaseId: string;
}

const known = z.object({ fingerprint: z.instanceof(Buffer), answer: z.string().nullable(), leaseLeft: z.number() });

/** Idempotency keys, kept in the database so that all replicas agree who was first. */
@Injectable()
export class IdempotencyService {
  constructor(
    private readonly config: GatewayConfig,
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
  ) {}

  /**
   * Wins the key for this request: of all that come at once, one does.
   * @throws StoredAnswer when the request was answered before
   * @throws ProblemError idempotency_key_reused, idempotency_in_progress
   */
  async begin({ id, fingerprint }: Attempt): Promise<Lease> {
    const leaseId = newId();
    const times = { leaseSeconds: this.leaseSeconds(), retentionHours };
    const isWon = await takeKey(this.dataSource.manager, { id, fingerprint, leaseId }, times);
    if (isWon) return { id, leaseId };
    throw await this.whyNot(id, fingerprint);
  }

  /** Keeps the answer, unless the lease ran out and somebody else has the key by now. */
  async keep(lease: Lease, answer: StoredAnswerContent): Promise<void> {
    await keepAnswer(this.dataSource.manager, lease, this.fernet.encrypt(JSON.stringify(answer)));
  }

  /** Gives the key back: the request may be sent again and will run. */
  async release(lease: Lease): Promise<void> {
    await giveKeyBack(this.dataSource.manager, lease);
  }

  private async whyNot(id: Buffer, fingerprint: Buffer): Promise<Error> {
    const [record] = await queryRows(
      this.dataSource.manager,
      `SELECT fingerprint, answer, extract(epoch FROM lease_expires_at - now())::float8 AS "leaseLeft"
       FROM idempotency_records WHERE id = $1`,
      [id],
      known,
    );
    if (record !== undefined && !record.fingerprint.equals(fingerprint))
      return new ProblemError('idempotency_key_reused');
    if (record === undefined || record.answer === null) {
      return new ProblemError('idempotency_in_progress', { retryAfterSeconds: this.waitFor(record?.leaseLeft ?? 0) });
    }
    return new StoredAnswer(storedAnswer.parse(JSON.parse(this.fernet.decrypt(record.answer))));
  }

  /**
   * In seconds. While the request may still run, as long again as it has run so far. After its time-out it was lost with its
   * gateway, so the key stays taken until the lease ends.
   */
  private waitFor(leaseLeft: number): number {
    const runFor = this.leaseSeconds() - leaseLeft;
    const wait = runFor >= this.config.requestTimeoutMs / 1_000 ? leaseLeft : Math.min(runFor, leaseLeft);
    return Math.max(1, wait);
  }

  private leaseSeconds(): number {
    return this.config.requestTimeoutMs / 1_000 + leaseMarginSeconds;
  }
}
