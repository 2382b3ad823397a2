import {
  acceptOwnership,
  declineOwnership,
  getOwnershipTransfer,
  offerOwnership,
  withdrawOwnership,
  type Organization,
  type OwnershipTransfer,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { organizationPath, type OrganizationPath } from '../organization/organization-id';
import { RateLimit } from '../rate-limit/rate-limit';

const heir = offerOwnership.request.omit({ organizationId: true });

@Controller('api/v1/organizations/:id/transfer')
export class OwnershipTransferController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Offer the ownership of an organization to another member',
    description: 'Good for seven days. When they accept, they are an owner, and you are an admin.',
    contract: offerOwnership,
    status: 201,
    errors: ['csrf_failed'],
  })
  @Post()
  offer(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Body({ schema: heir }) { userId }: z.output<typeof heir>,
  ): Promise<OwnershipTransfer> {
    return this.rpc.call(offerOwnership, { organizationId: id, userId });
  }

  @Authenticated()
  @Operation({ summary: 'The open offer of an organization’s ownership', contract: getOwnershipTransfer, status: 200 })
  @Get()
  get(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<OwnershipTransfer> {
    return this.rpc.call(getOwnershipTransfer, { organizationId: id });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Accept the ownership that was offered to you',
    contract: acceptOwnership,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('accept')
  accept(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<Organization> {
    return this.rpc.call(acceptOwnership, { organizationId: id });
  }

  @Authenticated()
  @Operation({
    summary: 'Decline the ownership that was offered to you',
    contract: declineOwnership,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Post('decline')
  async decline(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<void> {
    await this.rpc.call(declineOwnership, { organizationId: id });
  }

  @Authenticated()
  @Operation({
    summary: 'Withdraw the offer of an organization’s ownership',
    contract: withdrawOwnership,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete()
  async withdraw(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<void> {
    await this.rpc.call(withdrawOwnership, { organizationId: id });
  }
}
