import type { User as UserView } from '#libs/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ObjectStore } from '../avatar/object-store';
import type { Account } from './users';

/** Nobody waits longer for the address of a picture: it is not worth a sign-in. */
const longestWaitMs = 1_000;

/** Makes the answer named User in the API. */
@Injectable()
export class UserViews {
  private readonly log = new Logger('UserViews');

  constructor(private readonly objects: ObjectStore) {}

  /** What the person themselves may see of the account. */
  async of(user: Account): Promise<UserView> {
    return {
      id: user.id,
      email: user.email,
      emailVerified: user.emailVerifiedAt !== null,
      name: user.name,
      avatarUrl: user.avatarObject === null ? user.avatarUrl : await this.addressOf(user.avatarObject),
      locale: user.locale,
      mfaEnabled: user.mfaEnabledAt !== null,
      createdAt: user.createdAt.toISOString(),
    };
  }

  /** Null when there is none to be had: credentials for signing it may come from elsewhere. */
  private async addressOf(object: string): Promise<string | null> {
    const waiting = new AbortController();
    try {
      const tooLong = delay(longestWaitMs, null, { signal: waiting.signal });
      return await Promise.race([this.objects.addressOf(object), tooLong]);
    } catch (error) {
      this.log.warn(`A picture has no address now: ${error instanceof Error ? error.name : 'failed'}`);
      return null;
    } finally {
      waiting.abort();
    }
  }
}
