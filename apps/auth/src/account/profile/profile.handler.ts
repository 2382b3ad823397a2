import {
  getProfile,
  invalidField,
  updateProfile,
  type Actor,
  type ContextOf,
  type RequestOf,
  type User as UserView,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuthConfig } from '../../config';
import { Avatars } from '../avatar/avatars';
import { UserViews } from '../user/user-views';
import { requireAccount, updateProfileOf } from '../user/users.table';

@Controller()
export class ProfileHandler {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly avatars: Avatars,
    private readonly views: UserViews,
  ) {}

  /** @throws ProblemError `unauthenticated` if the account is gone but its access token has not expired yet */
  @Handles(getProfile)
  get(_input: unknown, { actor }: ContextOf<typeof getProfile>): Promise<UserView> {
    return this.viewOf(actor);
  }

  /** @throws ProblemError `validation_failed` for a picture on a host that is not allowed */
  @Handles(updateProfile)
  async update(
    changes: RequestOf<typeof updateProfile>,
    { actor }: ContextOf<typeof updateProfile>,
  ): Promise<UserView> {
    if (typeof changes.avatarUrl === 'string') this.requireAllowedHost(changes.avatarUrl);
    const { userId } = actor;
    await this.dataSource.transaction(async (manager) => {
      // An external picture, or none, replaces an uploaded one.
      if (changes.avatarUrl !== undefined) await this.avatars.replace(manager, userId, null);
      await updateProfileOf(manager, userId, changes);
    });
    return this.viewOf(actor);
  }

  private async viewOf(actor: Actor): Promise<UserView> {
    const user = await requireAccount(this.dataSource.manager, actor.userId);
    return this.views.of(user, impersonatorOf(actor));
  }

  private requireAllowedHost(avatarUrl: string): void {
    const { hostname } = new URL(avatarUrl);
    const allowed = this.config.avatarDomains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
    if (allowed) return;
    const message = `Pictures may be at ${this.config.avatarDomains.join(', ')}.`;
    throw invalidField('avatarUrl', 'host_not_allowed', message);
  }
}

function impersonatorOf(actor: Actor): UserView['impersonatedBy'] {
  if (actor.kind !== 'session' || actor.impersonatorId === undefined) return null;
  return { userId: actor.impersonatorId, readOnly: actor.readOnly !== false };
}
