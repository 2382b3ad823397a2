import {
  magicLinkRequested,
  requestMagicLink,
  signInWithMagicLink,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { MagicLinkService } from './magic-link.service';

@Controller()
export class MagicLinkHandler {
  constructor(private readonly magicLink: MagicLinkService) {}

  @Handles(requestMagicLink)
  request({ email }: RequestOf<typeof requestMagicLink>): Promise<ResponseInput<typeof requestMagicLink>> {
    return this.magicLink.request(email);
  }

  @OnEvent(magicLinkRequested)
  onRequested({ email }: EventPayload<typeof magicLinkRequested>, { manager }: EventDelivery): Promise<void> {
    return this.magicLink.send(manager, email);
  }

  @Handles(signInWithMagicLink)
  use(
    { token }: RequestOf<typeof signInWithMagicLink>,
    { client }: ContextOf<typeof signInWithMagicLink>,
  ): Promise<ResponseInput<typeof signInWithMagicLink>> {
    return this.magicLink.use(token, client);
  }
}
