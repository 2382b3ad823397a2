import { acrossTenants, execute } from '#libs/database';
import { Every } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const batch = 1_000;

/** Deletes what has served: it would only be there to be stolen (GDPR article 5.1.e). */
@Injectable()
export class RetentionService {
  constructor(private readonly dataSource: DataSource) {}

  @Every('auth.delete-expired', { everyMs: 3_600_000 })
  async deleteExpired(): Promise<void> {
    // An expired link still explains itself for a week.
    await this.deleteInBatches('one_time_tokens', 'selector', "expires_at < now() - interval '7 days'");
    await this.deleteInBatches('webauthn_challenges', 'hash', 'expires_at < now()');
    await this.deleteInBatches('sign_in_attempts', 'id', 'expires_at < now()');
    await this.deleteInBatches('oauth_flows', 'state_hash', 'expires_at < now()');
    await this.deleteInBatches('security_events', 'id', "created_at < now() - interval '1 year'");
    // What a withdrawn key signed is refused everywhere: its private half has nothing left to do.
    await this.deleteInBatches('signing_keys', 'kid', 'retires_at < now()');
    // An expired key still explains itself for a month.
    await this.deleteInBatches('api_keys', 'id', "least(expires_at, revoked_at) < now() - interval '30 days'");
    // Nobody proved to own the address: with the account goes what somebody told us of its owner.
    await this.deleteInBatches('users', 'id', "email_verified_at IS NULL AND updated_at < now() - interval '30 days'");
    // With the session go its refresh tokens.
    await this.deleteInBatches('sessions', 'id', "expires_at < now() - interval '7 days'");
    await this.deleteInBatches('refresh_tokens', 'hash', "expires_at < now() - interval '30 days'");
    await this.deleteInBatches('ownership_transfers', 'organization_id', 'expires_at < now()');
    // An invitation still says for a month what became of it.
    await this.deleteInBatches('invitations', 'id', "expires_at < now() - interval '30 days'");
  }

  /** Table, key and condition are constants of this file, never input. */
  private async deleteInBatches(table: string, key: string, condition: string): Promise<void> {
    const sql = `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ${batch})`;
    const next = () =>
      this.dataSource.transaction(async (manager) => {
        await acrossTenants(manager);
        return execute(manager, sql, []);
      });
    while ((await next()) === batch);
  }
}
