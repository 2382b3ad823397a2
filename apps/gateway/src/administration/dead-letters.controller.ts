import {
  dropDeadLetter,
  inspectDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';

const whichLetter = inspectDeadLetter.request;
type WhichLetter = RequestOf<typeof inspectDeadLetter>;

/** For the platform's staff, signed in with a second factor. */
@Controller('api/v1/admin/dead-letters')
export class DeadLettersController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'Events and jobs that failed for good, the last first',
    contract: listDeadLetters,
    status: 200,
  })
  @Get()
  list(
    @Query({ schema: listDeadLetters.request }) query: RequestOf<typeof listDeadLetters>,
  ): Promise<ResponseOf<typeof listDeadLetters>> {
    return this.rpc.call(listDeadLetters, query);
  }

  @Authenticated()
  @Operation({
    summary: 'Look at one of them',
    description: 'Its payload is shown where it is not confidential.',
    contract: inspectDeadLetter,
    status: 200,
  })
  @Get(':service/:id')
  inspect(@Param({ schema: whichLetter }) which: WhichLetter): Promise<ResponseOf<typeof inspectDeadLetter>> {
    return this.rpc.call(inspectDeadLetter, which);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Try it again',
    description: 'From the first attempt on; what was done already is not done twice.',
    contract: replayDeadLetter,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Post(':service/:id/replay')
  async replay(@Param({ schema: whichLetter }) which: WhichLetter): Promise<void> {
    await this.rpc.call(replayDeadLetter, which);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Give it up',
    description: 'It is finished without effect.',
    contract: dropDeadLetter,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete(':service/:id')
  async drop(@Param({ schema: whichLetter }) which: WhichLetter): Promise<void> {
    await this.rpc.call(dropDeadLetter, which);
  }
}
