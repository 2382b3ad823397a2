import { logout, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionService } from '../session/session.service';

@Controller()
export class LogoutHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
  ) {}

  @Handles(logout)
  async logout(
    _input: RequestOf<typeof logout>,
    { actor }: ContextOf<typeof logout>,
  ): Promise<ResponseInput<typeof logout>> {
    await this.dataSource.transaction((manager) => this.sessions.end(manager, actor.sessionId, 'logout'));
    return null;
  }
}
