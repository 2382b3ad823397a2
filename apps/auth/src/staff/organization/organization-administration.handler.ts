import {
  listPlatformAudit,
  reinstateOrganization,
  searchOrganizations,
  suspendOrganization,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { OrganizationAdministrationService } from './organization-administration.service';

@Controller()
export class OrganizationAdministrationHandler {
  constructor(private readonly organizations: OrganizationAdministrationService) {}

  @Handles(searchOrganizations)
  search(request: RequestOf<typeof searchOrganizations>): Promise<ResponseInput<typeof searchOrganizations>> {
    return this.organizations.search(request);
  }

  @Handles(suspendOrganization)
  suspend(
    { organizationId, reason }: RequestOf<typeof suspendOrganization>,
    { actor }: ContextOf<typeof suspendOrganization>,
  ): Promise<ResponseInput<typeof suspendOrganization>> {
    return this.organizations.suspend(actor, organizationId, reason);
  }

  @Handles(reinstateOrganization)
  reinstate(
    { organizationId }: RequestOf<typeof reinstateOrganization>,
    { actor }: ContextOf<typeof reinstateOrganization>,
  ): Promise<ResponseInput<typeof reinstateOrganization>> {
    return this.organizations.reinstate(actor, organizationId);
  }

  @Handles(listPlatformAudit)
  auditEntries(request: RequestOf<typeof listPlatformAudit>): Promise<ResponseInput<typeof listPlatformAudit>> {
    return this.organizations.auditEntries(request);
  }
}
