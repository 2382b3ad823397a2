import {
  createApiKey,
  listApiKeys,
  ProblemError,
  revokeApiKey,
  verifyApiKey,
  type ApiKey,
  type ContextOf,
  type CreatedApiKey,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { newId, queryPrepared, queryRows } from '#libs/database';
import { createApiKey as newApiKey } from '#libs/encryption';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { pageOf, positionOf } from '../account/list/page';
import { accountById } from '../account/user/users';
import { SecurityLog } from '../audit/security-log/security-log';
import { lockSessionOwner } from '../session/session/session-owner';

const mostKeys = 50;

const times = z.object({ createdAt: z.date(), expiresAt: z.date() });
const row = times.extend({
  id: z.uuid(),
  name: z.string(),
  hint: z.string(),
  scopes: z.array(z.string()),
  lastUsedAt: z.date().nullable(),
});

/**
 * One statement for every request that a program makes. It writes once a minute at most: a use within the minute after the
 * last changes no row, and of several at once that find the minute over, the others see the first one's time.
 */
export const verification = {
  name: 'verify-api-key',
  sql: `
    WITH key AS (
      SELECT api_keys.id, user_id, scopes, expires_at, suspended_at IS NOT NULL AS suspended,
        last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_due
      FROM api_keys JOIN users ON users.id = user_id
      WHERE hash = $1 AND revoked_at IS NULL AND expires_at > now() AND email_verified_at IS NOT NULL
    ), touched AS (
      UPDATE api_keys SET last_used_at = now() FROM key
      WHERE api_keys.id = key.id AND is_due AND NOT suspended
        AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
    )
    SELECT id AS "apiKeyId", user_id AS "userId", scopes, expires_at AS "expiresAt", suspended FROM key`,
  row: z.object({
    apiKeyId: z.uuid(),
    userId: z.uuid(),
    scopes: z.array(z.string()),
    expiresAt: z.date(),
    suspended: z.boolean(),
  }),
};

/** The keys by which a person's programs call the API. */
@Controller()
export class ApiKeyHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly securityLog: SecurityLog,
  ) {}

  /** @returns with the key, this once @throws ProblemError `limit_reached` */
  @Handles(createApiKey)
  create(wish: RequestOf<typeof createApiKey>, { actor }: ContextOf<typeof createApiKey>): Promise<CreatedApiKey> {
    const { userId } = actor;
    const { name, scopes, expiresInDays } = wish;
    const { key, hint, hash } = newApiKey();
    const id = newId();
    return this.dataSource.transaction(async (manager) => {
      const user = await lockSessionOwner(manager, actor);
      const [created] = await queryRows(
        manager,
        `INSERT INTO api_keys (id, user_id, name, hint, hash, scopes, expires_at)
         SELECT $1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)
         WHERE (SELECT count(*) FROM api_keys WHERE user_id = $2 AND revoked_at IS NULL AND expires_at > now()) < $8
         RETURNING created_at AS "createdAt", expires_at AS "expiresAt"`,
        [id, userId, name, hint, hash, scopes, expiresInDays, mostKeys],
        times,
      );
      if (created === undefined) throw new ProblemError('limit_reached');
      await this.securityLog.record(manager, user, 'api_key_created', { subject: name });
      return { ...viewOf({ id, name, hint, scopes, lastUsedAt: null, ...created }), key };
    });
  }

  @Handles(listApiKeys)
  async list(
    { limit, cursor }: RequestOf<typeof listApiKeys>,
    { actor: { userId } }: ContextOf<typeof listApiKeys>,
  ): Promise<ResponseOf<typeof listApiKeys>> {
    const rows = await queryRows(
      this.dataSource.manager,
      `SELECT id, name, hint, scopes, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt"
       FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [userId, positionOf(cursor), limit + 1],
      row,
    );
    return pageOf(rows, limit, viewOf);
  }

  /** @throws ProblemError `not_found`, for somebody else's as for one that never was */
  @Handles(revokeApiKey)
  revoke({ id }: RequestOf<typeof revokeApiKey>, { actor: { userId } }: ContextOf<typeof revokeApiKey>): Promise<null> {
    return this.dataSource.transaction(async (manager) => {
      const [revoked] = await queryRows(
        manager,
        `UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING name`,
        [id, userId],
        z.object({ name: z.string() }),
      );
      if (revoked === undefined) throw new ProblemError('not_found');
      const user = await accountById(manager, userId);
      if (user !== undefined)
        await this.securityLog.record(manager, user, 'api_key_revoked', { subject: revoked.name });
      return null;
    });
  }

  /** @throws ProblemError `account_suspended`; `unauthenticated` for one that is unknown, revoked, expired, or of an account that may not sign in */
  @Handles(verifyApiKey)
  async verify({ hash }: RequestOf<typeof verifyApiKey>): Promise<ResponseOf<typeof verifyApiKey>> {
    const [key] = await queryPrepared(this.dataSource.manager, verification, [hash]);
    if (key === undefined) throw new ProblemError('unauthenticated');
    const { suspended, expiresAt, ...verified } = key;
    if (suspended) throw new ProblemError('account_suspended');
    return { ...verified, expiresAt: expiresAt.toISOString() };
  }

  /** One after the other, so that two at once count each other's keys. @throws ProblemError `unauthenticated` */
}

function viewOf({ createdAt, expiresAt, lastUsedAt, ...key }: z.output<typeof row>): ApiKey {
  return {
    ...key,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
