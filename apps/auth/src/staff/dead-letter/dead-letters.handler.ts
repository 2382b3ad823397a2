import {
  dropDeadLetter,
  inspectDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DeadLettersService } from './dead-letters.service';

@Controller()
export class DeadLettersHandler {
  constructor(private readonly letters: DeadLettersService) {}

  @Handles(listDeadLetters)
  list(request: RequestOf<typeof listDeadLetters>): Promise<ResponseInput<typeof listDeadLetters>> {
    return this.letters.list(request);
  }

  @Handles(inspectDeadLetter)
  inspect({ service, id }: RequestOf<typeof inspectDeadLetter>): Promise<ResponseInput<typeof inspectDeadLetter>> {
    return this.letters.inspect(service, id);
  }

  @Handles(replayDeadLetter)
  replay(
    { service, id }: RequestOf<typeof replayDeadLetter>,
    { actor }: ContextOf<typeof replayDeadLetter>,
  ): Promise<ResponseInput<typeof replayDeadLetter>> {
    return this.letters.replay(actor, service, id);
  }

  @Handles(dropDeadLetter)
  drop(
    { service, id }: RequestOf<typeof dropDeadLetter>,
    { actor }: ContextOf<typeof dropDeadLetter>,
  ): Promise<ResponseInput<typeof dropDeadLetter>> {
    return this.letters.drop(actor, service, id);
  }
}
