import { deleteInBatches } from '#libs/database';
import { Every } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Deletes data that is no longer needed, so that it cannot be stolen (GDPR article 5.1.e). */
@Injectable()
export class RetentionService {
  constructor(private readonly dataSource: DataSource) {}

  @Every('auth.delete-expired', { everyMs: 3_600_000 })
  async deleteExpired(): Promise<void> {
    // For a week, an expired link still explains why it does not work.
    await this.delete('one_time_tokens', 'selector', "expires_at < now() - interval '7 days'");
    await this.delete('webauthn_challenges', 'hash', 'expires_at < now()');
    await this.delete('sign_in_attempts', 'id', 'expires_at < now()');
    await this.delete('oauth_flows', 'state_hash', 'expires_at < now()');
    await this.delete('security_events', 'id', "created_at < now() - interval '1 year'");
    // Everything that a withdrawn key signed is rejected, so its private key is useless.
    await this.delete('signing_keys', 'kid', 'retires_at < now()');
    // For a month, an expired key still explains why it does not work.
    await this.delete('api_keys', 'id', "least(expires_at, revoked_at) < now() - interval '30 days'");
    // No one proved to own the email address, so the account and its data are deleted.
    await this.delete('users', 'id', "email_verified_at IS NULL AND updated_at < now() - interval '30 days'");
    // Refresh tokens are deleted with their session.
    await this.delete('sessions', 'id', "expires_at < now() - interval '7 days'");
    await this.delete('refresh_tokens', 'hash', "expires_at < now() - interval '30 days'");
    await this.delete('ownership_transfers', 'organization_id', 'expires_at < now()');
    // For a month, an invitation still shows its final state.
    await this.delete('invitations', 'id', "expires_at < now() - interval '30 days'");
  }

  private delete(table: string, key: string, where: string): Promise<void> {
    return deleteInBatches(this.dataSource, { table, key, where });
  }
}
