import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
  renameOrganization,
  restoreOrganization,
  type Organization,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { organizationPath, type OrganizationPath } from './organization-id';

const change = renameOrganization.request.omit({ organizationId: true });

@Controller('api/v1/organizations')
export class OrganizationController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'The organizations that you are a member of, newest first',
    contract: listOrganizations,
    status: 200,
  })
  @Get()
  list(
    @Query({ schema: listOrganizations.request }) page: RequestOf<typeof listOrganizations>,
  ): Promise<ResponseOf<typeof listOrganizations>> {
    return this.rpc.call(listOrganizations, page);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Create an organization',
    description: 'You become its owner.',
    contract: createOrganization,
    status: 201,
    errors: ['csrf_failed'],
  })
  @Post()
  create(
    @Body({ schema: createOrganization.request }) wish: RequestOf<typeof createOrganization>,
  ): Promise<Organization> {
    return this.rpc.call(createOrganization, wish);
  }

  @Authenticated()
  @Operation({ summary: 'An organization, and your role in it', contract: getOrganization, status: 200 })
  @Get(':id')
  get(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<Organization> {
    return this.rpc.call(getOrganization, { organizationId: id });
  }

  @Authenticated()
  @Operation({ summary: 'Rename an organization', contract: renameOrganization, status: 200, errors: ['csrf_failed'] })
  @Patch(':id')
  rename(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Body({ schema: change }) changes: z.output<typeof change>,
  ): Promise<Organization> {
    return this.rpc.call(renameOrganization, { organizationId: id, ...changes });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Delete an organization',
    description:
      'For all but its owners it is gone at once. They can restore it until `deleteAfter`, thirty days from now; then it is erased.',
    contract: deleteOrganization,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Delete(':id')
  remove(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<Organization> {
    return this.rpc.call(deleteOrganization, { organizationId: id });
  }

  @Authenticated()
  @Operation({
    summary: 'Restore an organization that is being deleted',
    contract: restoreOrganization,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post(':id/restore')
  restore(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<Organization> {
    return this.rpc.call(restoreOrganization, { organizationId: id });
  }
}
