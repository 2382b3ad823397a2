import {
  listIdentities,
  required,
  unlinkIdentity,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OidcProviders } from '../oidc/oidc-providers';
import { SecurityLog } from '../../audit/security-log/security-log';
import { requireAnotherWayIn } from '../sign-in/sign-in-methods';
import { requireAccount } from '../../account/user/users.table';
import { identitiesOf, removeIdentityOf } from './identities.table';

/** The identities at other providers that a user can sign in with. */
@Controller()
export class IdentityHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: OidcProviders,
    private readonly securityLog: SecurityLog,
  ) {}

  @Handles(listIdentities)
  async list(
    _input: unknown,
    { actor: { userId } }: ContextOf<typeof listIdentities>,
  ): Promise<ResponseInput<typeof listIdentities>> {
    const identities = await identitiesOf(this.dataSource.manager, userId);
    const data = identities.map(({ provider, createdAt, lastUsedAt, ...identity }) => ({
      ...identity,
      provider: { id: provider, name: this.providers.nameOf(provider) },
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
    }));
    return { data };
  }

  /** @throws ProblemError `not_found`, `last_sign_in_method` */
  @Handles(unlinkIdentity)
  async unlink(
    { id }: RequestOf<typeof unlinkIdentity>,
    { actor: { userId } }: ContextOf<typeof unlinkIdentity>,
  ): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      const provider = required(await removeIdentityOf(manager, userId, id), 'not_found');
      const user = await requireAccount(manager, userId, 'not_found');
      await requireAnotherWayIn(manager, userId);
      const subject = this.providers.nameOf(provider);
      await this.securityLog.record(manager, user, 'identity_unlinked', { subject });
    });
    return null;
  }
}
