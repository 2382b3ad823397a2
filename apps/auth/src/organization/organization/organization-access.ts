import { type AuditInput, AuditLog } from '#libs/audit';
import { ProblemError, required, type Actor, type Permission, type RpcContract } from '#libs/contracts';
import { asTenant } from '#libs/database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { membershipOf, type Membership } from './memberships.table';
import { roleOf, type Role } from './organization-roles.table';
import { lockOrganization } from './organizations.table';

/** One organization in one transaction, for a user who has the permission that the contract requires. */
export interface Tenant {
  /** Sees only the rows of this organization and the user's own memberships. */
  readonly manager: EntityManager;
  readonly organizationId: string;
  readonly userId: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  readonly membership: Membership;
  /** Records in the organization's audit log. Call it last, because it locks the organization's chain. */
  readonly record: (
    act: AuditInput['act'],
    target: AuditInput['target'],
    change?: Pick<AuditInput, 'before' | 'after'>,
  ) => Promise<void>;
}

type Caller = { readonly actor: Pick<Actor, 'userId'> };
type Asked = Pick<RpcContract, 'permission'>;
type Work<T> = (tenant: Tenant) => Promise<T>;

/** Members can end what is theirs alone, such as their membership, while the organization is suspended. */
interface Exceptions {
  readonly evenSuspended?: boolean;
}

/** The only way to access an organization's rows on behalf of a member. */
@Injectable()
export class OrganizationAccess {
  constructor(
    private readonly dataSource: DataSource,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * For reads, and for changes that depend on no one's role.
   * @throws ProblemError `not_found` if it is unknown, the caller is no member, or it is being deleted and the
   * caller cannot restore it; `organization_suspended`; `permission_denied`
   */
  run<T>({ actor }: Caller, contract: Asked, organizationId: string, work: Work<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await asTenant(manager, { organizationId, userId: actor.userId });
      return work(await this.admit(manager, contract, organizationId, actor.userId));
    });
  }

  /**
   * Like `run`, but locks the organization before it reads the caller's role. If two members take each other's
   * role, the second one no longer has permission.
   */
  runLocked<T>({ actor }: Caller, contract: Asked & Exceptions, organizationId: string, work: Work<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await asTenant(manager, { organizationId, userId: actor.userId });
      await lockOrganization(manager, organizationId);
      return work(await this.admit(manager, contract, organizationId, actor.userId));
    });
  }

  private async admit(
    manager: EntityManager,
    { permission, evenSuspended = false }: Asked & Exceptions,
    organizationId: string,
    userId: string,
  ): Promise<Tenant> {
    const membership = required(await membershipOf(manager, organizationId, userId), 'not_found');
    const role = roleOf(membership);
    const { permissions } = role;
    if (membership.deleteAfter !== null && !permissions.includes('organization:delete'))
      throw new ProblemError('not_found');
    if (membership.suspendedAt !== null && !evenSuspended) throw new ProblemError('organization_suspended');
    if (permission !== null && !permissions.includes(permission)) throw new ProblemError('permission_denied');
    const record: Tenant['record'] = (act, target, change) =>
      this.auditLog.record(manager, { organizationId, act, target, ...change });
    return { manager, organizationId, userId, role, permissions, membership, record };
  }
}
