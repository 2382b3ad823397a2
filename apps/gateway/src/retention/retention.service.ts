import { execute } from '#libs/database';
import { Every } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const batch = 1_000;

/** Deletes what nobody can meet any more. */
@Injectable()
export class RetentionService {
  constructor(private readonly dataSource: DataSource) {}

  @Every('gateway.delete-expired', { everyMs: 600_000 })
  async deleteExpired(): Promise<void> {
    await this.deleteInBatches('idempotency_records', 'id', 'expires_at < now()');
    await this.deleteInBatches('revoked_sessions', 'session_id', 'access_tokens_expire_at < now()');
  }

  /** Table, key and condition are constants of this file, never input. */
  private async deleteInBatches(table: string, key: string, condition: string): Promise<void> {
    const sql = `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ${batch})`;
    while ((await execute(this.dataSource.manager, sql, [])) === batch);
  }
}
