import type { Organization } from '#libs/contracts';
import { ObjectUrls } from '#libs/objects';
import { Injectable } from '@nestjs/common';
import { type Membership } from './memberships.table';
import { roleOf } from './organization-roles.table';

/** Creates the `Organization` of the API. */
@Injectable()
export class OrganizationViews {
  constructor(private readonly pictures: ObjectUrls) {}

  async of(membership: Membership): Promise<Organization> {
    const { id, name, slug, logoObject, suspendedAt, deleteAfter, createdAt } = membership;
    const role = roleOf(membership);
    return {
      id,
      name,
      slug,
      logoUrl: await this.pictures.of(logoObject),
      role: role.reference,
      roleName: role.name,
      permissions: [...role.permissions],
      suspended: suspendedAt !== null,
      deleteAfter: deleteAfter?.toISOString() ?? null,
      createdAt: createdAt.toISOString(),
    };
  }
}
