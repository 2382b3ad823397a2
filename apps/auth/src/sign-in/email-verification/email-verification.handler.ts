import {
  resendVerification,
  verificationRequested,
  verifyEmail,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { EmailVerificationService } from './email-verification.service';

@Controller()
export class EmailVerificationHandler {
  constructor(private readonly verification: EmailVerificationService) {}

  @Handles(verifyEmail)
  verify(
    { token }: RequestOf<typeof verifyEmail>,
    { client }: ContextOf<typeof verifyEmail>,
  ): Promise<ResponseInput<typeof verifyEmail>> {
    return this.verification.verify(token, client);
  }

  @Handles(resendVerification)
  resend({ email }: RequestOf<typeof resendVerification>): Promise<ResponseInput<typeof resendVerification>> {
    return this.verification.requestAnother(email);
  }

  @OnEvent(verificationRequested)
  onRequested(payload: EventPayload<typeof verificationRequested>, { manager }: EventDelivery): Promise<void> {
    return this.verification.sendAnother(manager, payload.email);
  }
}
