import {
  confirmEmailChange,
  emailChangeRequested,
  requestEmailChange,
  undoEmailChange,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { EmailChangeService } from './email-change.service';

@Controller()
export class EmailChangeHandler {
  constructor(private readonly emailChange: EmailChangeService) {}

  @Handles(requestEmailChange)
  request(
    { email }: RequestOf<typeof requestEmailChange>,
    { actor }: ContextOf<typeof requestEmailChange>,
  ): Promise<ResponseInput<typeof requestEmailChange>> {
    return this.emailChange.request(actor, email);
  }

  @OnEvent(emailChangeRequested)
  onRequested(payload: EventPayload<typeof emailChangeRequested>, { manager }: EventDelivery): Promise<void> {
    return this.emailChange.send(manager, payload);
  }

  @Handles(confirmEmailChange)
  confirm({ token }: RequestOf<typeof confirmEmailChange>): Promise<ResponseInput<typeof confirmEmailChange>> {
    return this.emailChange.confirm(token);
  }

  @Handles(undoEmailChange)
  undo({ token }: RequestOf<typeof undoEmailChange>): Promise<ResponseInput<typeof undoEmailChange>> {
    return this.emailChange.undo(token);
  }
}
