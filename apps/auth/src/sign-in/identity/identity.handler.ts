import {
  listIdentities,
  ProblemError,
  unlinkIdentity,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { OidcProviders } from '../oidc/oidc-providers';
import { SecurityLog } from '../../audit/security-log/security-log';
import { requireAnotherWayIn } from '../sign-in/sign-in-methods';
import { accountById } from '../../account/user/users';

const row = z.object({
  id: z.uuid(),
  provider: z.string(),
  email: z.string().nullable(),
  createdAt: z.date(),
  lastUsedAt: z.date(),
});

/** What signs in to an account beside its password: people's identities at other providers. */
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

  /** @throws ProblemError `not_found`, `last_sign_in_method` */
  @Handles(unlinkIdentity)
  async unlink(
    { id }: RequestOf<typeof unlinkIdentity>,
    { actor: { userId } }: ContextOf<typeof unlinkIdentity>,
  ): Promise<null> {
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
