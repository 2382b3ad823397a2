import {
  ProblemError,
  resendVerification,
  verificationRequested,
  verifyEmail,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
  type Session,
} from '#libs/contracts';
import { OnEvent, Outbox, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { lockAccountByEmail, requireAccount, verifyUser } from '../../account/user/users.table';
import { SessionService } from '../../session/session/session.service';
import { VerificationLinks } from './verification-links';

@Controller()
export class EmailVerificationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: VerificationLinks,
    private readonly sessions: SessionService,
    private readonly outbox: Outbox,
  ) {}

  /** Only records the request. The email address is looked up after the response, so the response cannot reveal it. */
  @Handles(resendVerification)
  async resend({ email }: RequestOf<typeof resendVerification>): Promise<ResponseInput<typeof resendVerification>> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, verificationRequested, { email }));
    return { status: 'verification_sent' };
  }

  @OnEvent(verificationRequested)
  async onRequested({ email }: EventPayload<typeof verificationRequested>, { manager }: EventDelivery): Promise<void> {
    const user = await lockAccountByEmail(manager, email);
    if (user !== undefined && user.emailVerifiedAt === null) await this.links.sendWithoutPassword(manager, user);
  }

  /**
   * Verifies the email address and signs in whoever opened the link.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  @Handles(verifyEmail)
  verify({ token }: RequestOf<typeof verifyEmail>, { client }: ContextOf<typeof verifyEmail>): Promise<Session> {
    return this.dataSource.transaction(async (manager) => {
      const { userId, data: confirmed } = await this.links.consume(manager, token);
      // Another link of the same account was opened first. The rollback also undoes the use of this link.
      if (!(await verifyUser(manager, userId, confirmed))) throw new ProblemError('token_used');
      const user = await requireAccount(manager, userId);
      return this.sessions.start(manager, user, { method: 'email_verification', client, isNewDevice: false });
    });
  }
}
