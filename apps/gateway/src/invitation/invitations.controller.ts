import {
  createInvitation,
  createInvitations,
  listInvitations,
  resendInvitation,
  revokeInvitation,
  type Invitation,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { uuid } from '#libs/validation';
import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { organizationPath, type OrganizationPath } from '../organization/organization-id';
import { RateLimit } from '../rate-limit/rate-limit';

const invitationPath = organizationPath.extend({ invitationId: uuid });
type InvitationPath = z.output<typeof invitationPath>;
const query = listInvitations.request.omit({ organizationId: true });
const wish = createInvitation.request.omit({ organizationId: true });
const wishes = createInvitations.request.omit({ organizationId: true });

@Controller('api/v1/organizations/:id/invitations')
export class InvitationsController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'The invitations of an organization, newest first',
    description: 'Those that are over stay for a month after their time.',
    contract: listInvitations,
    status: 200,
  })
  @Get()
  list(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Query({ schema: query }) page: z.output<typeof query>,
  ): Promise<ResponseOf<typeof listInvitations>> {
    return this.rpc.call(listInvitations, { organizationId: id, ...page });
  }

  @Authenticated()
  @RateLimit('invitation')
  @Operation({
    summary: 'Invite somebody by mail',
    description:
      'To a role that may nothing that you may not; owners are made of members. The answer does not tell whether the address has an account.',
    contract: createInvitation,
    status: 201,
    errors: ['csrf_failed'],
  })
  @Post()
  create(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Body({ schema: wish }) invitation: z.output<typeof wish>,
  ): Promise<Invitation> {
    return this.rpc.call(createInvitation, { organizationId: id, ...invitation });
  }

  @Authenticated()
  @RateLimit('invitation-batch')
  @Operation({
    summary: 'Invite up to a hundred people by mail',
    description:
      'Each gets an answer of its own, in their order: the invitation, or why there is none. An address that stands there twice is invited once.',
    contract: createInvitations,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('batch')
  createMany(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Body({ schema: wishes }) many: z.output<typeof wishes>,
  ): Promise<ResponseOf<typeof createInvitations>> {
    return this.rpc.call(createInvitations, { organizationId: id, ...many });
  }

  @Authenticated()
  @Operation({
    summary: 'Revoke an open invitation',
    description: 'Its link is dead at once.',
    contract: revokeInvitation,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete(':invitationId')
  async revoke(@Param({ schema: invitationPath }) { id, invitationId }: InvitationPath): Promise<void> {
    await this.rpc.call(revokeInvitation, { organizationId: id, invitationId });
  }

  @Authenticated()
  @RateLimit('invitation')
  @Operation({
    summary: 'Send an invitation again, an expired one too',
    description: 'With a new link for another week; the old one is dead at once.',
    contract: resendInvitation,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post(':invitationId/resend')
  resend(@Param({ schema: invitationPath }) { id, invitationId }: InvitationPath): Promise<Invitation> {
    return this.rpc.call(resendInvitation, { organizationId: id, invitationId });
  }
}
