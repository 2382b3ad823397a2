import { signInPaused, type EventPayload } from '#libs/contracts';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Controller } from '@nestjs/common';
import { SecurityLog } from '../../audit/security-log/security-log';
import { accountByEmail } from '../../account/user/users.table';

@Controller()
export class SignInPauseHandler {
  constructor(private readonly securityLog: SecurityLog) {}

  /** Tells the owner that someone is guessing, and how to sign in meanwhile. */
  @OnEvent(signInPaused)
  async onPaused({ email }: EventPayload<typeof signInPaused>, { manager }: EventDelivery): Promise<void> {
    const user = await accountByEmail(manager, email);
    if (user !== undefined && user.emailVerifiedAt !== null)
      await this.securityLog.record(manager, user, 'sign_in_paused');
  }
}
