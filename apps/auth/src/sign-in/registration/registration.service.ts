import {
  mailRequested,
  register,
  registrationRequested,
  type EventPayload,
  type RequestContext,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { PasswordHasher } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { locale } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager } from 'typeorm';
import { EmailVerificationService } from '../email-verification/email-verification.service';
import { PasswordPolicy } from '../password-policy/password-policy';
import { User } from '../../account/user/user.entity';
import { accountByEmail, type Account } from '../../account/user/users';

type Registration = EventPayload<typeof registrationRequested>;

@Injectable()
export class RegistrationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
    private readonly verification: EmailVerificationService,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Hashes the password and notes the request. Whether the address has an account is looked at only after the answer,
   * so answer and work are the same either way (OWASP Authentication Cheat Sheet, "Account creation").
   * @throws ProblemError `validation_failed` when the password is a bad one
   */
  async request(
    { password, ...input }: RequestOf<typeof register>,
    context: RequestContext,
  ): Promise<ResponseInput<typeof register>> {
    await this.policy.check('password', password, input);
    const passwordHash = await this.hasher.hash(password);
    const chosenLocale = input.locale ?? locale.catch('en').parse(context.locale);
    const requested = { ...input, locale: chosenLocale, passwordHash };
    await this.dataSource.transaction((manager) => this.outbox.add(manager, registrationRequested, requested));
    return { status: 'verification_sent' };
  }

  /** Makes the account, or tells the owner of an existing one that somebody tried. */
  async complete(manager: EntityManager, registration: Registration): Promise<void> {
    const user = await this.saveUnverified(manager, registration);
    if (user !== undefined) {
      await this.verification.send(manager, user, registration);
      return;
    }
    const owner = await manager.findOneByOrFail(User, { email: registration.email });
    await this.outbox.add(manager, mailRequested, {
      to: owner.email,
      locale: owner.locale,
      mail: { template: 'already-registered', name: owner.name },
    });
  }

  /**
   * For who has proved to read the address's mail in another way than by a link of ours to verify it. Links that were mailed before
   * are over.
   * @returns undefined when the address has a verified account, which stays as it is
   */
  async completeVerified(manager: EntityManager, registration: Registration): Promise<Account | undefined> {
    const user = await this.saveUnverified(manager, registration);
    if (user === undefined) return undefined;
    await manager.update(User, { id: user.id }, { emailVerifiedAt: new Date() });
    return accountByEmail(manager, registration.email);
  }

  /** Nobody has proved to own an unverified account yet: the newest registration of its address replaces the older one. */
  private async saveUnverified(manager: EntityManager, registration: Registration): Promise<Account | undefined> {
    const { email, passwordHash, name, locale } = registration;
    const user = { id: newId(), email, passwordHash, name, locale };
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(User)
      .values(user)
      .orIgnore()
      .returning('id')
      .execute();
    if (Array.isArray(inserted.raw) && inserted.raw.length === 0) {
      const replaced = await manager.update(User, { email, emailVerifiedAt: IsNull() }, { passwordHash, name, locale });
      if (replaced.affected === 0) return undefined;
    }
    return accountByEmail(manager, email);
  }
}
