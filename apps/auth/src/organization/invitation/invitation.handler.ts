import {
  acceptInvitation,
  createInvitation,
  createInvitations,
  declineInvitation,
  invitationRequested,
  listInvitations,
  lookAtInvitation,
  registerByInvitation,
  resendInvitation,
  revokeInvitation,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { InvitationAnswerService } from './invitation-answer.service';
import { InvitationMailService } from './invitation-mail.service';
import { InvitationService } from './invitation.service';

@Controller()
export class InvitationHandler {
  constructor(
    private readonly invitations: InvitationService,
    private readonly answers: InvitationAnswerService,
    private readonly mail: InvitationMailService,
  ) {}

  @Handles(listInvitations)
  list(
    page: RequestOf<typeof listInvitations>,
    context: ContextOf<typeof listInvitations>,
  ): Promise<ResponseInput<typeof listInvitations>> {
    return this.invitations.list(context, page);
  }

  @Handles(createInvitation)
  create(
    wish: RequestOf<typeof createInvitation>,
    context: ContextOf<typeof createInvitation>,
  ): Promise<ResponseInput<typeof createInvitation>> {
    return this.invitations.create(context, wish);
  }

  @Handles(createInvitations)
  createMany(
    wishes: RequestOf<typeof createInvitations>,
    context: ContextOf<typeof createInvitations>,
  ): Promise<ResponseInput<typeof createInvitations>> {
    return this.invitations.createMany(context, wishes);
  }

  @Handles(revokeInvitation)
  revoke(
    which: RequestOf<typeof revokeInvitation>,
    context: ContextOf<typeof revokeInvitation>,
  ): Promise<ResponseInput<typeof revokeInvitation>> {
    return this.invitations.revoke(context, which);
  }

  @Handles(resendInvitation)
  resend(
    which: RequestOf<typeof resendInvitation>,
    context: ContextOf<typeof resendInvitation>,
  ): Promise<ResponseInput<typeof resendInvitation>> {
    return this.invitations.resend(context, which);
  }

  @OnEvent(invitationRequested)
  onRequested(payload: EventPayload<typeof invitationRequested>, { manager }: EventDelivery): Promise<void> {
    return this.mail.send(manager, payload);
  }

  @Handles(lookAtInvitation)
  look({ token }: RequestOf<typeof lookAtInvitation>): Promise<ResponseInput<typeof lookAtInvitation>> {
    return this.answers.look(token);
  }

  @Handles(acceptInvitation)
  accept(
    { token }: RequestOf<typeof acceptInvitation>,
    context: ContextOf<typeof acceptInvitation>,
  ): Promise<ResponseInput<typeof acceptInvitation>> {
    return this.answers.accept(context, token);
  }

  @Handles(declineInvitation)
  decline({ token }: RequestOf<typeof declineInvitation>): Promise<ResponseInput<typeof declineInvitation>> {
    return this.answers.decline(token);
  }

  @Handles(registerByInvitation)
  register(
    registration: RequestOf<typeof registerByInvitation>,
    context: ContextOf<typeof registerByInvitation>,
  ): Promise<ResponseInput<typeof registerByInvitation>> {
    return this.answers.register(registration, context);
  }
}
