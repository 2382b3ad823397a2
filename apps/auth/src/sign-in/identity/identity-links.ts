import { ProblemError, required, type SessionActor } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { OidcProviders } from '../oidc/oidc-providers';
import type { VerifiedIdentity } from '../oidc/claims';
import { SecurityLog } from '../../audit/security-log/security-log';
import { ownerOfOpenSession } from '../../session/session/session-owner';
import type { Account } from '../../account/user/users.table';
import { addIdentity, countIdentities, mostIdentities, ownerOfIdentity } from './identities.table';

/** Links identities at other providers to accounts. */
@Injectable()
export class IdentityLinks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: OidcProviders,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * Checks before the user is sent to the issuer.
   * @throws ProblemError `unauthenticated`, `limit_reached`
   */
  async requireMayLink({ sessionId, userId }: SessionActor): Promise<void> {
    const { manager } = this.dataSource;
    required(await ownerOfOpenSession(manager, sessionId, 'read'), 'unauthenticated');
    if ((await countIdentities(manager, userId)) >= mostIdentities) throw new ProblemError('limit_reached');
  }

  /**
   * Links an identity that the user of this session has proved. Linking it again changes nothing.
   * @throws ProblemError `oauth_failed` if the session has ended; `identity_taken`, `limit_reached`
   */
  link(sessionId: string, provider: string, identity: VerifiedIdentity): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const user = required(await ownerOfOpenSession(manager, sessionId, 'lock'), 'oauth_failed');
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
}
