import {
  changePassword,
  forgotPassword,
  passwordResetRequested,
  resetPassword,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { PasswordService } from './password.service';

@Controller()
export class PasswordHandler {
  constructor(private readonly password: PasswordService) {}

  @Handles(forgotPassword)
  forgot({ email }: RequestOf<typeof forgotPassword>): Promise<ResponseInput<typeof forgotPassword>> {
    return this.password.requestReset(email);
  }

  @OnEvent(passwordResetRequested)
  onRequested({ email }: EventPayload<typeof passwordResetRequested>, { manager }: EventDelivery): Promise<void> {
    return this.password.sendReset(manager, email);
  }

  @Handles(resetPassword)
  reset({ token, password }: RequestOf<typeof resetPassword>): Promise<ResponseInput<typeof resetPassword>> {
    return this.password.reset(token, password);
  }

  @Handles(changePassword)
  change(
    { currentPassword, newPassword }: RequestOf<typeof changePassword>,
    { actor }: ContextOf<typeof changePassword>,
  ): Promise<ResponseInput<typeof changePassword>> {
    return this.password.change(actor, currentPassword, newPassword);
  }
}
