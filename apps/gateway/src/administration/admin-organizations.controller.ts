import {
  listPlatformAudit,
  reinstateOrganization,
  searchOrganizations,
  suspendOrganization,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { organizationPath, type OrganizationPath } from '../organization/organization-id';
import { RateLimit } from '../rate-limit/rate-limit';

const suspendBody = suspendOrganization.request.omit({ organizationId: true });

/** For the platform's staff, signed in with a second factor. */
@Controller('api/v1/admin')
export class AdminOrganizationsController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'Find organizations',
    description: 'By id, or by how the slug or the name begins. Without a query, the newest first.',
    contract: searchOrganizations,
    status: 200,
  })
  @Get('organizations')
  search(
    @Query({ schema: searchOrganizations.request }) query: RequestOf<typeof searchOrganizations>,
  ): Promise<ResponseOf<typeof searchOrganizations>> {
    return this.rpc.call(searchOrganizations, query);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Suspend an organization',
    description: 'Its members are refused whatever they ask about it, until it is reinstated.',
    contract: suspendOrganization,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('organizations/:id/suspend')
  suspend(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Body({ schema: suspendBody }) { reason }: z.output<typeof suspendBody>,
  ): Promise<ResponseOf<typeof suspendOrganization>> {
    return this.rpc.call(suspendOrganization, { organizationId: id, reason });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Reinstate an organization',
    contract: reinstateOrganization,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('organizations/:id/reinstate')
  reinstate(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
  ): Promise<ResponseOf<typeof reinstateOrganization>> {
    return this.rpc.call(reinstateOrganization, { organizationId: id });
  }

  @Authenticated()
  @Operation({
    summary: 'What the staff did, newest first',
    description: 'With `organizationId`, what happened in that organization instead.',
    contract: listPlatformAudit,
    status: 200,
  })
  @Get('audit-log')
  auditEntries(
    @Query({ schema: listPlatformAudit.request }) query: RequestOf<typeof listPlatformAudit>,
  ): Promise<ResponseOf<typeof listPlatformAudit>> {
    return this.rpc.call(listPlatformAudit, query);
  }
}
