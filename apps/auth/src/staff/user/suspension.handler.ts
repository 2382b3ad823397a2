import { AuditLog } from '#libs/audit';
import {
  ProblemError,
  reinstateUser,
  required,
  signUserOut,
  suspendUser,
  type AdminUserDetails,
  type ContextOf,
  type RequestOf,
  type SessionActor,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { reinstateAccount, requireAccount, suspendAccount, type Account } from '../../account/user/users.table';
import { SecurityLog } from '../../audit/security-log/security-log';
import { SessionService } from '../../session/session/session.service';
import { OneTimeTokens } from '../../sign-in/one-time-token/one-time-tokens.table';
import { requireStanding } from '../role/staff-standing';
import { detailsOf } from './admin-users';

/** Unfinished acts that would continue despite the suspension. */
const unfinished = ['mfa', 'email-change'] as const;

/** Suspends and reinstates users. */
@Controller()
export class SuspensionHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly tokens: OneTimeTokens,
    private readonly securityLog: SecurityLog,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * Suspending again keeps the first reason. Staff cannot be suspended, so that an intruder in one staff account
   * cannot lock out the others.
   * @throws ProblemError `not_found`, `permission_denied`, `unauthenticated`
   */
  @Handles(suspendUser)
  suspend(
    { id, reason }: RequestOf<typeof suspendUser>,
    { actor }: ContextOf<typeof suspendUser>,
  ): Promise<AdminUserDetails> {
    return this.change(actor, id, async (manager, user) => {
      if (user.staffRole !== null) throw new ProblemError('permission_denied', { detail: staffStays });
      if (!(await suspendAccount(manager, id, reason))) return;
      await this.sessions.endAll(manager, id, 'suspended');
      await this.tokens.revoke(manager, id, unfinished);
      await this.securityLog.record(manager, user, 'suspended');
      await this.auditLog.recordForPlatform(manager, 'user.suspended', { type: 'user', id }, { after: { reason } });
    });
  }

  /** @throws ProblemError `not_found`, `unauthenticated` */
  @Handles(reinstateUser)
  reinstate(
    { id }: RequestOf<typeof reinstateUser>,
    { actor }: ContextOf<typeof reinstateUser>,
  ): Promise<AdminUserDetails> {
    return this.change(actor, id, async (manager, user) => {
      if (!(await reinstateAccount(manager, id))) return;
      await this.securityLog.record(manager, user, 'reinstated');
      await this.auditLog.recordForPlatform(manager, 'user.reinstated', { type: 'user', id }, { after: {} });
    });
  }

  /** @throws ProblemError `not_found`, `unauthenticated` */
  @Handles(signUserOut)
  async signOut({ id }: RequestOf<typeof signUserOut>, { actor }: ContextOf<typeof signUserOut>): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      await requireStanding(manager, actor, 'support');
      const user = await requireAccount(manager, id, 'not_found');
      const ended = await this.sessions.endAll(manager, id, 'signed_out_by_staff');
      if (ended > 0) await this.securityLog.record(manager, user, 'signed_out_by_staff');
      const after = { sessions: ended };
      await this.auditLog.recordForPlatform(manager, 'user.signed_out', { type: 'user', id }, { after });
    });
    return null;
  }

  private change(
    actor: SessionActor,
    id: string,
    act: (manager: EntityManager, user: Account) => Promise<void>,
  ): Promise<AdminUserDetails> {
    return this.dataSource.transaction(async (manager) => {
      await requireStanding(manager, actor, 'admin');
      await act(manager, await requireAccount(manager, id, 'not_found'));
      return required(await detailsOf(manager, id), 'not_found');
    });
  }
}

const staffStays = 'You cannot suspend staff. Revoke their role on the server first: npm run staff -- revoke <email>.';
