import { execute } from '#libs/database';
import type { EntityManager } from 'typeorm';

/**
 * Takes away every other way in that somebody may have made who took the account over: all API keys, and the passkeys, linked
 * providers and authenticator app that were added since. What was there before stays.
 * @param since the day before the address was changed: whoever changes it has been there for a while
 */
export async function removeWaysInSince(manager: EntityManager, userId: string, since: Date): Promise<void> {
  await execute(manager, 'UPDATE api_keys SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL', [userId]);
  await execute(manager, 'DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2', [userId, since]);
  await execute(manager, 'DELETE FROM identities WHERE user_id = $1 AND created_at >= $2', [userId, since]);
  const apps = await execute(
    manager,
    'DELETE FROM totp_credentials WHERE user_id = $1 AND coalesce(confirmed_at, created_at) >= $2',
    [userId, since],
  );
  if (apps === 0) return;
  await execute(manager, 'DELETE FROM recovery_codes WHERE user_id = $1', [userId]);
  await execute(manager, 'UPDATE users SET mfa_enabled_at = NULL WHERE id = $1', [userId]);
}
