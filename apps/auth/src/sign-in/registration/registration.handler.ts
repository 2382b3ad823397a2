import {
  register,
  registrationRequested,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { RegistrationService } from './registration.service';

@Controller()
export class RegistrationHandler {
  constructor(private readonly registration: RegistrationService) {}

  @Handles(register)
  register(
    input: RequestOf<typeof register>,
    context: ContextOf<typeof register>,
  ): Promise<ResponseInput<typeof register>> {
    return this.registration.request(input, context);
  }

  @OnEvent(registrationRequested)
  onRequested(payload: EventPayload<typeof registrationRequested>, { manager }: EventDelivery): Promise<void> {
    return this.registration.complete(manager, payload);
  }
}
