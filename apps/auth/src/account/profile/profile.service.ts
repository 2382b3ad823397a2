import { ProblemError, updateProfile, type Actor, type RequestOf, type User as UserView } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AvatarService } from '../avatar/avatar.service';
import { AuthConfig } from '../../config';
import { User } from '../user/user.entity';
import { UserViews } from '../user/user-views';
import { accountById } from '../user/users';

@Injectable()
export class ProfileService {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly avatars: AvatarService,
    private readonly views: UserViews,
  ) {}

  /** @throws ProblemError `unauthenticated` when the account is gone but its access token not yet expired */
  async get(actor: Actor): Promise<UserView> {
    const user = await accountById(this.dataSource.manager, actor.userId);
    if (user === undefined) throw new ProblemError('unauthenticated');
    return this.views.of(user, impersonatorOf(actor));
  }

  /** @throws ProblemError `validation_failed` for a picture on a host that is not allowed */
  async update(actor: Actor, changes: RequestOf<typeof updateProfile>): Promise<UserView> {
    if (typeof changes.avatarUrl === 'string') this.requireAllowedHost(changes.avatarUrl);
    const { userId } = actor;
    await this.dataSource.transaction(async (manager) => {
      // A picture elsewhere, or none at all, takes the place of one that was uploaded.
      if (changes.avatarUrl !== undefined) await this.avatars.replace(manager, userId, null);
      await manager.update(User, { id: userId }, changes);
    });
    return this.get(actor);
  }

  private requireAllowedHost(avatarUrl: string): void {
    const { hostname } = new URL(avatarUrl);
    const allowed = this.config.avatarDomains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
    if (allowed) return;
    const message = `Pictures may be at ${this.config.avatarDomains.join(', ')}.`;
    throw new ProblemError('validation_failed', { errors: [{ path: 'avatarUrl', code: 'host_not_allowed', message }] });
  }
}

function impersonatorOf(actor: Actor): UserView['impersonatedBy'] {
  if (actor.kind !== 'session' || actor.impersonatorId === undefined) return null;
  return { userId: actor.impersonatorId, readOnly: actor.readOnly !== false };
}
