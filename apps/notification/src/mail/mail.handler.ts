import { mailRequested, sendMail, type EventPayload } from '#libs/contracts';
import { OnEvent, OnJob, type EventDelivery } from '#libs/jobs';
import { Controller } from '@nestjs/common';
import { MailService } from './mail.service';

@Controller()
export class MailHandler {
  constructor(private readonly mail: MailService) {}

  @OnEvent(mailRequested)
  onRequested(payload: EventPayload<typeof mailRequested>, { manager, eventId }: EventDelivery): Promise<void> {
    return this.mail.queue(manager, eventId, payload);
  }

  @OnJob(sendMail)
  send({ mailId }: EventPayload<typeof sendMail>): Promise<void> {
    return this.mail.send(mailId);
  }
}
