import {
  addPasskey,
  beginPasskey,
  listPasskeys,
  removePasskey,
  renamePasskey,
  type Passkey,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import type { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';

const which = renamePasskey.request.pick({ id: true });
const change = renamePasskey.request.omit({ id: true });

@Controller('api/v1/users/me/passkeys')
export class PasskeyController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Begin to add a passkey',
    description:
      'Give the answer to `navigator.credentials.create({ publicKey })`. Its challenge is good for 5 minutes.',
    contract: beginPasskey,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('options')
  begin(): Promise<ResponseOf<typeof beginPasskey>> {
    return this.rpc.call(beginPasskey, {});
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Add the passkey that the authenticator made',
    description: '`response` is the credential as its `toJSON()` gives it.',
    contract: addPasskey,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post()
  add(@Body({ schema: addPasskey.request }) made: RequestOf<typeof addPasskey>): Promise<Passkey> {
    return this.rpc.call(addPasskey, made);
  }

  @Authenticated()
  @Operation({ summary: 'Your passkeys', contract: listPasskeys, status: 200 })
  @Get()
  list(): Promise<ResponseOf<typeof listPasskeys>> {
    return this.rpc.call(listPasskeys, {});
  }

  @Authenticated()
  @Operation({ summary: 'Rename a passkey', contract: renamePasskey, status: 200, errors: ['csrf_failed'] })
  @Patch(':id')
  rename(
    @Param({ schema: which }) { id }: z.output<typeof which>,
    @Body({ schema: change }) { name }: z.output<typeof change>,
  ): Promise<Passkey> {
    return this.rpc.call(renamePasskey, { id, name });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Remove a passkey',
    description: 'It signs in no more. The last way to sign in to an account stays.',
    contract: removePasskey,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete(':id')
  async remove(@Param({ schema: removePasskey.request }) passkey: RequestOf<typeof removePasskey>): Promise<void> {
    await this.rpc.call(removePasskey, passkey);
  }
}
