import {
  createApiKey,
  listApiKeys,
  ProblemError,
  required,
  revokeApiKey,
  verifyApiKey,
  type ApiKey,
  type ContextOf,
  type CreatedApiKey,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { newId, pageOf, positionOf, queryPrepared } from '#libs/database';
import { createApiKey as newApiKey } from '#libs/encryption';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accountById } from '../account/user/users.table';
import { SecurityLog } from '../audit/security-log/security-log';
import { lockSessionOwner } from '../session/session/session-owner';
import { insertKey, keysOf, revokeKeyOf, verification, type ListedKey } from './api-keys.table';

/** The keys that a user's programs call the API with. */
@Controller()
export class ApiKeyHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly securityLog: SecurityLog,
  ) {}

  /** @returns the key, which is never shown again @throws ProblemError `limit_reached` */
  @Handles(createApiKey)
  create(wish: RequestOf<typeof createApiKey>, { actor }: ContextOf<typeof createApiKey>): Promise<CreatedApiKey> {
    const { userId } = actor;
    const { name, scopes, expiresInDays } = wish;
    const { key, hint, hash } = newApiKey();
    return this.dataSource.transaction(async (manager) => {
      const user = await lockSessionOwner(manager, actor);
      const created = required(
        await insertKey(manager, { id: newId(), userId, name, hint, hash, scopes }, expiresInDays),
        'limit_reached',
      );
      await this.securityLog.record(manager, user, 'api_key_created', { subject: name });
      return { ...viewOf(created), key };
    });
  }

  @Handles(listApiKeys)
  async list(
    { limit, cursor }: RequestOf<typeof listApiKeys>,
    { actor: { userId } }: ContextOf<typeof listApiKeys>,
  ): Promise<ResponseOf<typeof listApiKeys>> {
    const rows = await keysOf(this.dataSource.manager, userId, positionOf(cursor), limit + 1);
    return pageOf(rows, limit, viewOf);
  }

  /** @throws ProblemError `not_found`, also for another user's key */
  @Handles(revokeApiKey)
  revoke({ id }: RequestOf<typeof revokeApiKey>, { actor: { userId } }: ContextOf<typeof revokeApiKey>): Promise<null> {
    return this.dataSource.transaction(async (manager) => {
      const subject = required(await revokeKeyOf(manager, userId, id), 'not_found');
      const user = await accountById(manager, userId);
      if (user !== undefined) await this.securityLog.record(manager, user, 'api_key_revoked', { subject });
      return null;
    });
  }

  /**
   * @throws ProblemError `account_suspended`; `unauthenticated` if the key is unknown, revoked, expired, or its
   * user cannot sign in
   */
  @Handles(verifyApiKey)
  async verify({ hash }: RequestOf<typeof verifyApiKey>): Promise<ResponseOf<typeof verifyApiKey>> {
    const [key] = await queryPrepared(this.dataSource.manager, verification, [hash]);
    if (key === undefined) throw new ProblemError('unauthenticated');
    const { suspended, expiresAt, ...verified } = key;
    if (suspended) throw new ProblemError('account_suspended');
    return { ...verified, expiresAt: expiresAt.toISOString() };
  }
}

function viewOf({ createdAt, expiresAt, lastUsedAt, ...key }: ListedKey): ApiKey {
  return {
    ...key,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
