import { deleteInBatches } from '#libs/database';
import { Every } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Deletes expired rows. */
@Injectable()
export class RetentionService {
  constructor(private readonly dataSource: DataSource) {}

  @Every('gateway.delete-expired', { everyMs: 600_000 })
  async deleteExpired(): Promise<void> {
    const { dataSource } = this;
    await deleteInBatches(dataSource, { table: 'idempotency_records', key: 'id', where: 'expires_at < now()' });
    await deleteInBatches(dataSource, {
      table: 'revoked_sessions',
      key: 'session_id',
      where: 'access_tokens_expire_at < now()',
    });
  }
}
