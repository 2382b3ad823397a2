import { inspectUser, required, searchUsers, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { detailsOf, findUsers } from './admin-users';

@Controller()
export class UserSearchHandler {
  constructor(private readonly dataSource: DataSource) {}

  @Handles(searchUsers)
  search(query: RequestOf<typeof searchUsers>): Promise<ResponseInput<typeof searchUsers>> {
    return findUsers(this.dataSource.manager, query);
  }

  @Handles(inspectUser)
  async inspect({ id }: RequestOf<typeof inspectUser>): Promise<ResponseInput<typeof inspectUser>> {
    return required(await detailsOf(this.dataSource.manager, id), 'not_found');
  }
}
