import { register, registrationRequested, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { OnEvent, Outbox, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { locale } from '#libs/validation';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Mails } from '../../account/mail/mails';
import { accountByEmail, saveUnverified, type Registration } from '../../account/user/users.table';
import { VerificationLinks } from '../email-verification/verification-links';
import { PasswordPolicy } from '../password-policy/password-policy';

@Controller()
export class RegistrationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly policy: PasswordPolicy,
    private readonly links: VerificationLinks,
    private readonly outbox: Outbox,
    private readonly mails: Mails,
  ) {}

  /**
   * Hashes the password and records the request. The account is looked up after the response, so response and
   * cost are always the same (OWASP Authentication Cheat Sheet, "Account creation").
   * @throws ProblemError `validation_failed` for a bad password
   */
  @Handles(register)
  async register(
    { password, ...input }: RequestOf<typeof register>,
    context: ContextOf<typeof register>,
  ): Promise<ResponseInput<typeof register>> {
    const passwordHash = await this.policy.hash('password', password, input);
    const chosenLocale = input.locale ?? locale.catch('en').parse(context.locale);
    const requested = { ...input, locale: chosenLocale, passwordHash };
    await this.dataSource.transaction((manager) => this.outbox.add(manager, registrationRequested, requested));
    return { status: 'verification_sent' };
  }

  /** Creates the account, or tells the owner of an existing one about the attempt. */
  @OnEvent(registrationRequested)
  async onRequested(registration: Registration, { manager }: EventDelivery): Promise<void> {
    const user = await saveUnverified(manager, registration);
    if (user !== undefined) return this.links.send(manager, user, registration);
    const owner = await accountByEmail(manager, registration.email);
    if (owner === undefined) throw new Error('The account that has the email address is gone.');
    await this.mails.send(manager, owner, { template: 'already-registered', name: owner.name });
  }
}
