import { refresh, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { RefreshService } from './refresh.service';

@Controller()
export class RefreshHandler {
  constructor(private readonly service: RefreshService) {}

  @Handles(refresh)
  refresh(
    { refreshToken }: RequestOf<typeof refresh>,
    { client }: ContextOf<typeof refresh>,
  ): Promise<ResponseInput<typeof refresh>> {
    return this.service.refresh(refreshToken, client);
  }
}
