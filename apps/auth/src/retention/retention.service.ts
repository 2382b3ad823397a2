import { deleteInBatches } from '#libs/database';
import { Every } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Deletes what has served: it would only be there to be stolen (GDPR article 5.1.e). */
@Injectable()
export class RetentionService {
  constructor(private readonly dataSource: DataSource) {}

  @Every('auth.delete-expired', { everyMs: 3_600_000 })
  async deleteExpired(): Promise<void> {
    // An expired link still explains itself for a week.
    await this.delete('one_time_tokens', 'selector', "expires_at < now() - interval '7 days'");
    await this.delete('webauthn_challenges', 'hash', 'expires_at < now()');
    await this.delete('sign_in_attempts', 'id', 'expires_at < now()');
    await this.delete('oauth_flows', 'state_hash', 'expires_at < now()');
    await this.delete('security_events', 'id', "created_at < now() - interval '1 year'");
    // What a withdrawn key signed is refused everywhere: its private half has nothing left to do.
    await this.delete('signing_keys', 'kid', 'retires_at < now()');
    // An expired key still explains itself for a month.
    await this.delete('api_keys', 'id', "least(expires_at, revoked_at) < now() - interval '30 days'");
    // Nobody proved to own the address: with the account goes what somebody told us of its owner.
    await this.delete('users', 'id', "email_verified_at IS NULL AND updated_at < now() - interval '30 days'");
    // With the session go its refresh tokens.
    await this.delete('sessions', 'id', "expires_at < now() - interval '7 days'");
    await this.delete('refresh_tokens', 'hash', "expires_at < now() - interval '30 days'");
    await this.delete('ownership_transfers', 'organization_id', 'expires_at < now()');
    // An invitation still says for a month what became of it.
    await this.delete('invitations', 'id', "expires_at < now() - interval '30 days'");
  }

  private delete(table: string, key: string, where: string): Promise<void> {
    return deleteInBatches(this.dataSource, { table, key, where });
  }
}
