import {
  createOrganization,
  getOrganization,
  listOrganizations,
  renameOrganization,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { OrganizationService } from './organization.service';

@Controller()
export class OrganizationHandler {
  constructor(private readonly organizations: OrganizationService) {}

  @Handles(createOrganization)
  create(
    { name }: RequestOf<typeof createOrganization>,
    { actor }: ContextOf<typeof createOrganization>,
  ): Promise<ResponseInput<typeof createOrganization>> {
    return this.organizations.create(actor.userId, name);
  }

  @Handles(listOrganizations)
  list(
    page: RequestOf<typeof listOrganizations>,
    { actor }: ContextOf<typeof listOrganizations>,
  ): Promise<ResponseInput<typeof listOrganizations>> {
    return this.organizations.list(actor.userId, page);
  }

  @Handles(getOrganization)
  get(
    { organizationId }: RequestOf<typeof getOrganization>,
    context: ContextOf<typeof getOrganization>,
  ): Promise<ResponseInput<typeof getOrganization>> {
    return this.organizations.get(context, organizationId);
  }

  @Handles(renameOrganization)
  rename(
    change: RequestOf<typeof renameOrganization>,
    context: ContextOf<typeof renameOrganization>,
  ): Promise<ResponseInput<typeof renameOrganization>> {
    return this.organizations.rename(context, change);
  }
}
