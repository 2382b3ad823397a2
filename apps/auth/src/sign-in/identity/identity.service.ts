import { ProblemError, type listIdentities, type ResponseInput, type SessionActor } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { OidcProviders } from '../oidc/oidc-providers';
import type { VerifiedIdentity } from '../oidc/claims';
import { SecurityLog } from '../../audit/security-log/security-log';
import { ownerOfOpenSession } from '../../session/session/session-owner';
import { requireAnotherWayIn } from '../sign-in/sign-in-methods';
import { accountById, type Account } from '../../account/user/users';
import { addIdentity, countIdentities, mostIdentities, ownerOfIdentity } from './identities';

const row = z.object({
  id: z.uuid(),
  provider: z.string(),
  email: z.string().nullable(),
  createdAt: z.date(),
  lastUsedAt: z.date(),
});

/** What signs in to an account beside its password: people's identities at other providers. */
@Injectable()
export class IdentityService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: OidcProviders,
    private readonly securityLog: SecurityLog,
  ) {}

  async list({ userId }: SessionActor): Promise<ResponseInput<typeof listIdentities>> {
    const identities = await queryRows(
      this.dataSource.manager,
      `SELECT id, provider, email, created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM identities
       WHERE user_id = $1 ORDER BY id`,
      [userId],
      row,
    );
    const data = identities.map(({ provider, createdAt, lastUsedAt, ...identity }) => ({
      ...identity,
      provider: { id: provider, name: this.providers.nameOf(provider) },
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
    }));
    return { data };
  }

  /**
   * Before somebody is sent to the issuer.
   * @throws ProblemError `unauthenticated`, `limit_reached`
   */
  async requireMayLink({ sessionId, userId }: SessionActor): Promise<void> {
    const { manager } = this.dataSource;
    const user = await ownerOfOpenSession(manager, sessionId, 'read');
    if (user === undefined) throw new ProblemError('unauthenticated');
    if ((await countIdentities(manager, userId)) >= mostIdentities) throw new ProblemError('limit_reached');
  }

  /**
   * For the person of this session, who proved to be that identity, too. To link it again is no harm.
   * @throws ProblemError `oauth_failed` when the session has ended meanwhile; `identity_taken`, `limit_reached`
   */
  link(sessionId: string, provider: string, identity: VerifiedIdentity): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const user = await ownerOfOpenSession(manager, sessionId, 'lock');
      if (user === undefined) throw new ProblemError('oauth_failed');
      const owner = await ownerOfIdentity(manager, identity);
      if (owner === user.id) return;
      if (owner !== undefined) throw new ProblemError('identity_taken');
      if ((await countIdentities(manager, user.id)) >= mostIdentities) throw new ProblemError('limit_reached');
      await this.add(manager, user, provider, identity);
    });
  }

  /** @throws ProblemError `identity_taken` */
  async add(manager: EntityManager, user: Account, provider: string, identity: VerifiedIdentity): Promise<void> {
    const isAdded = await addIdentity(manager, user.id, provider, identity);
    if (!isAdded) throw new ProblemError('identity_taken');
    await this.securityLog.record(manager, user, 'identity_linked', { subject: this.providers.nameOf(provider) });
  }

  /** @throws ProblemError `not_found`, `last_sign_in_method` */
  async unlink({ userId }: SessionActor, id: string): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      const [removed] = await queryRows(
        manager,
        'DELETE FROM identities WHERE id = $1 AND user_id = $2 RETURNING provider',
        [id, userId],
        z.object({ provider: z.string() }),
      );
      const user = await accountById(manager, userId);
      if (removed === undefined || user === undefined) throw new ProblemError('not_found');
      await requireAnotherWayIn(manager, userId);
      const subject = this.providers.nameOf(removed.provider);
      await this.securityLog.record(manager, user, 'identity_unlinked', { subject });
    });
    return null;
  }
}
