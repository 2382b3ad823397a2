import {
  addPasskey,
  beginPasskey,
  listPasskeys,
  passkeyLimit,
  ProblemError,
  removePasskey,
  renamePasskey,
  required,
  type ContextOf,
  type Passkey,
  type PasskeyCreationOptions,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { requireAccount } from '../../account/user/users.table';
import { SecurityLog } from '../../audit/security-log/security-log';
import { lockSessionOwner } from '../../session/session/session-owner';
import { requireAnotherWayIn } from '../sign-in/sign-in-methods';
import { PasskeyChallenges } from '../webauthn/webauthn-challenges.table';
import { descriptorsOf, insertPasskey, passkeysOf, removePasskeyOf, renamePasskeyOf } from '../webauthn/passkeys.table';
import { challengeOf, Webauthn } from '../webauthn/webauthn';

/** The passkeys of an account. */
@Controller()
export class PasskeyHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly webauthn: Webauthn,
    private readonly challenges: PasskeyChallenges,
    private readonly securityLog: SecurityLog,
  ) {}

  /** @throws ProblemError `limit_reached`, before an authenticator creates a passkey that cannot be added */
  @Handles(beginPasskey)
  async begin(_input: unknown, { actor: { userId } }: ContextOf<typeof beginPasskey>): Promise<PasskeyCreationOptions> {
    const { manager } = this.dataSource;
    const user = await requireAccount(manager, userId);
    const existing = await descriptorsOf(manager, userId);
    if (existing.length >= passkeyLimit) throw new ProblemError('limit_reached');
    const challenge = await this.challenges.issue({ kind: 'enrol', userId });
    return this.webauthn.creationOptions(challenge, user, existing);
  }

  /**
   * @throws ProblemError `passkey_rejected`, also for a passkey that is already registered, by any user;
   * `limit_reached`
   */
  @Handles(addPasskey)
  async add(
    { name, response }: RequestOf<typeof addPasskey>,
    { actor }: ContextOf<typeof addPasskey>,
  ): Promise<Passkey> {
    const { userId } = actor;
    const challenge = challengeOf(response);
    await this.challenges.consume({ kind: 'enrol', userId }, challenge);
    const credential = await this.webauthn.verifyRegistration(challenge, response);
    return this.dataSource.transaction(async (manager) => {
      const user = await lockSessionOwner(manager, actor);
      await requireRoom(manager, userId);
      const added = required(await insertPasskey(manager, userId, name, credential), 'passkey_rejected');
      await this.securityLog.record(manager, user, 'passkey_added', { subject: name });
      return added;
    });
  }

  @Handles(listPasskeys)
  async list(
    _input: unknown,
    { actor: { userId } }: ContextOf<typeof listPasskeys>,
  ): Promise<ResponseInput<typeof listPasskeys>> {
    return { data: await passkeysOf(this.dataSource.manager, userId) };
  }

  /** @throws ProblemError `not_found` */
  @Handles(renamePasskey)
  async rename(
    { id, name }: RequestOf<typeof renamePasskey>,
    { actor: { userId } }: ContextOf<typeof renamePasskey>,
  ): Promise<Passkey> {
    return required(await renamePasskeyOf(this.dataSource.manager, userId, id, name), 'not_found');
  }

  /** @throws ProblemError `not_found`, `last_sign_in_method` */
  @Handles(removePasskey)
  async remove(
    { id }: RequestOf<typeof removePasskey>,
    { actor: { userId } }: ContextOf<typeof removePasskey>,
  ): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      const subject = required(await removePasskeyOf(manager, userId, id), 'not_found');
      await requireAnotherWayIn(manager, userId);
      const user = await requireAccount(manager, userId);
      await this.securityLog.record(manager, user, 'passkey_removed', { subject });
    });
    return null;
  }
}

/** Concurrent calls wait for each other at the user's row, so the count stays right until the transaction ends. */
async function requireRoom(manager: EntityManager, userId: string): Promise<void> {
  if ((await descriptorsOf(manager, userId)).length >= passkeyLimit) throw new ProblemError('limit_reached');
}
