import {
  impersonateUser,
  inspectUser,
  ProblemError,
  reinstateUser,
  searchUsers,
  signUserOut,
  suspendUser,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { detailsOf, findUsers } from './admin-users';
import { ImpersonationService } from './impersonation.service';
import { SuspensionService } from './suspension.service';

@Controller()
export class AdministrationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly suspension: SuspensionService,
    private readonly impersonation: ImpersonationService,
  ) {}

  @Handles(searchUsers)
  search(query: RequestOf<typeof searchUsers>): Promise<ResponseInput<typeof searchUsers>> {
    return findUsers(this.dataSource.manager, query);
  }

  @Handles(inspectUser)
  async inspect({ id }: RequestOf<typeof inspectUser>): Promise<ResponseInput<typeof inspectUser>> {
    const details = await detailsOf(this.dataSource.manager, id);
    if (details === undefined) throw new ProblemError('not_found');
    return details;
  }

  @Handles(suspendUser)
  suspend(
    { id, reason }: RequestOf<typeof suspendUser>,
    { actor }: ContextOf<typeof suspendUser>,
  ): Promise<ResponseInput<typeof suspendUser>> {
    return this.suspension.suspend(actor, id, reason);
  }

  @Handles(reinstateUser)
  reinstate(
    { id }: RequestOf<typeof reinstateUser>,
    { actor }: ContextOf<typeof reinstateUser>,
  ): Promise<ResponseInput<typeof reinstateUser>> {
    return this.suspension.reinstate(actor, id);
  }

  @Handles(signUserOut)
  signOut(
    { id }: RequestOf<typeof signUserOut>,
    { actor }: ContextOf<typeof signUserOut>,
  ): Promise<ResponseInput<typeof signUserOut>> {
    return this.suspension.signOut(actor, id);
  }

  @Handles(impersonateUser)
  impersonate(
    wish: RequestOf<typeof impersonateUser>,
    { actor, client }: ContextOf<typeof impersonateUser>,
  ): Promise<ResponseInput<typeof impersonateUser>> {
    return this.impersonation.begin(actor, wish, client);
  }
}
