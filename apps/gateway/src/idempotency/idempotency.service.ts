import { ProblemError } from '#libs/contracts';
import { newId, queryRows } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { GatewayConfig } from '../config';
import { giveKeyBack, storeResponse, takeKey } from './idempotency-records.table';
import { StoredResponse, storedResponse, type StoredResponseContent } from './stored-response';

const retentionHours = 24;
/** A request ends by its timeout. If a lease lasts this much longer, its gateway has crashed. */
const leaseMarginSeconds = 10;

/** One use of a key. `id` identifies the caller and the key, `fingerprint` the request. */
export interface Attempt {
  readonly id: Buffer;
  readonly fingerprint: Buffer;
}

export interface Lease {
  readonly id: Buffer;
  readonly leaseId: string;
}

const known = z.object({ fingerprint: z.instanceof(Buffer), answer: z.string().nullable(), leaseLeft: z.number() });

/** Idempotency keys in the database, so that all replicas agree which request was first. */
@Injectable()
export class IdempotencyService {
  constructor(
    private readonly config: GatewayConfig,
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
  ) {}

  /**
   * Acquires the key for this request. Of several concurrent requests, exactly one succeeds.
   * @throws StoredResponse if the request already has a response
   * @throws ProblemError idempotency_key_reused, idempotency_in_progress
   */
  async begin({ id, fingerprint }: Attempt): Promise<Lease> {
    const leaseId = newId();
    const times = { leaseSeconds: this.leaseSeconds(), retentionHours };
    const isWon = await takeKey(this.dataSource.manager, { id, fingerprint, leaseId }, times);
    if (isWon) return { id, leaseId };
    throw await this.whyNot(id, fingerprint);
  }

  /** Stores the response, unless the lease expired and another request has the key. */
  async keep(lease: Lease, response: StoredResponseContent): Promise<void> {
    await storeResponse(this.dataSource.manager, lease, this.fernet.encrypt(JSON.stringify(response)));
  }

  /** Releases the key, so that the request can be sent again and will run. */
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
    return new StoredResponse(storedResponse.parse(JSON.parse(this.fernet.decrypt(record.answer))));
  }

  /**
   * In seconds. While the request may still run, as long as it has run so far. After its timeout the gateway
   * must have crashed, so the key stays locked until the lease ends.
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
