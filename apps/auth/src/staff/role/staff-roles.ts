import { AuditLog } from '#libs/audit';
import type { AuditAct, StaffRole } from '#libs/contracts';
import { columnsOf, queryRows } from '#libs/database';
import { Outbox } from '#libs/jobs';
import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';
import { SecurityLog } from '../../audit/security-log/security-log';
import { endAllSessions } from '../../session/session/end-sessions';
import { accountByEmail, setStaffRole, User, type Account } from '../../account/user/users.table';

const person = columnsOf(User, ['id', 'email', 'name']);
/** `hasSecondFactor`: the role has no effect without one. */
const member = person.row.and(z.object({ role: z.string(), hasSecondFactor: z.boolean() }));
export type StaffMember = z.output<typeof member>;

/** Why a role cannot be granted or revoked. */
export class StaffRoleRefused extends Error {}

const staffSql = `
  SELECT ${person.list}, staff_role AS role,
    mfa_enabled_at IS NOT NULL OR EXISTS (SELECT FROM passkeys WHERE user_id = users.id) AS "hasSecondFactor"
  FROM users WHERE staff_role IS NOT NULL ORDER BY users.email`;

export async function listStaff(manager: EntityManager): Promise<StaffMember[]> {
  return queryRows(manager, staffSql, [], member);
}

/**
 * Grants and revokes staff roles, for a command on the server only. A change ends all sessions of the user within
 * a second, so that no older session gains or keeps the role.
 */
export class StaffRoles {
  private readonly securityLog: SecurityLog;
  private readonly auditLog = new AuditLog();

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {
    this.securityLog = new SecurityLog(outbox);
  }

  /** @returns false if the user already has the role @throws StaffRoleRefused */
  grant(email: string, role: StaffRole): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const user = await requireAccount(manager, email);
      if (user.emailVerifiedAt === null)
        throw new StaffRoleRefused(`The email address is not verified: ${email}. Verify it first.`);
      if (user.suspendedAt !== null)
        throw new StaffRoleRefused(`The account ${email} is suspended. Reinstate it first.`);
      if (!(await this.change(manager, user, role))) return false;
      await this.securityLog.record(manager, user, 'staff_role_granted', { role });
      await this.audit(manager, 'staff.granted', user, role);
      return true;
    });
  }

  /** @throws StaffRoleRefused */
  revoke(email: string): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const user = await requireAccount(manager, email);
      if (!(await this.change(manager, user, null))) throw new StaffRoleRefused(`${email} has no staff role.`);
      await this.securityLog.record(manager, user, 'staff_role_revoked');
      await this.audit(manager, 'staff.revoked', user, null);
    });
  }

  private audit(manager: EntityManager, act: AuditAct, user: Account, role: StaffRole | null): Promise<void> {
    const change = { before: { role: user.staffRole }, after: { role } };
    return this.auditLog.recordForPlatform(manager, act, { type: 'user', id: user.id }, change);
  }

  private async change(manager: EntityManager, { id }: Account, role: StaffRole | null): Promise<boolean> {
    if (!(await setStaffRole(manager, id, role))) return false;
    await endAllSessions(manager, this.outbox, id, 'staff_role_changed');
    return true;
  }
}

async function requireAccount(manager: EntityManager, email: string): Promise<Account> {
  const user = await accountByEmail(manager, email);
  if (user === undefined) throw new StaffRoleRefused(`No account has the email address ${email}.`);
  return user;
}
