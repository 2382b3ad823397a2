import { getProfile, updateProfile, type RequestOf, type User } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Get, Patch } from '@nestjs/common';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';

@Controller('api/v1/users/me')
export class ProfileController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({ summary: 'Your own account', contract: getProfile, status: 200 })
  @Get()
  get(): Promise<User> {
    return this.rpc.call(getProfile, {});
  }

  @Authenticated()
  @Operation({ summary: 'Change your own account', contract: updateProfile, status: 200, errors: ['csrf_failed'] })
  @Patch()
  update(@Body({ schema: updateProfile.request }) changes: RequestOf<typeof updateProfile>): Promise<User> {
    return this.rpc.call(updateProfile, changes);
  }
}
