import { AuditLog } from '#libs/audit';
import {
  impersonateUser,
  impersonationSeconds,
  ProblemError,
  required,
  type Client,
  type ContextOf,
  type RequestOf,
  type Session,
  type SessionActor,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { hashToken, randomToken } from '#libs/encryption';
import { Handles, requireStaff } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { lockAccountById, refuseSuspended, type Account } from '../../account/user/users.table';
import { SecurityLog } from '../../audit/security-log/security-log';
import { insertImpersonation } from '../../session/session/sessions.table';
import { SessionService } from '../../session/session/session.service';
import { rolesWith } from '../role/staff-standing';

type Wish = RequestOf<typeof impersonateUser>;

/** Lets staff see what a user sees. */
@Controller()
export class ImpersonationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly securityLog: SecurityLog,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * The user gets an email at once.
   * @throws ProblemError `not_found`, `account_suspended`, `unauthenticated`; `permission_denied` for staff,
   * unverified accounts, and write access without the admin role
   */
  @Handles(impersonateUser)
  begin(
    wish: RequestOf<typeof impersonateUser>,
    { actor, client }: ContextOf<typeof impersonateUser>,
  ): Promise<Session> {
    if (wish.write) requireStaff(actor, 'admin');
    return this.dataSource.transaction(async (manager) => {
      const person = required(await lockAccountById(manager, wish.id), 'not_found');
      refuseUnsuited(person);
      const answer = await this.start(manager, actor, person, wish, client);
      const type = wish.write ? 'impersonated_with_write' : 'impersonated';
      await this.securityLog.record(manager, person, type, { subject: wish.reason });
      const after = { reason: wish.reason, write: wish.write };
      await this.auditLog.recordForPlatform(
        manager,
        'impersonation.started',
        { type: 'user', id: person.id },
        { after },
      );
      return answer;
    });
  }

  private async start(
    manager: EntityManager,
    actor: SessionActor,
    person: Account,
    { write }: Wish,
    client: Client | null,
  ): Promise<Session> {
    const [id, refreshToken, readOnly] = [newId(), randomToken(), !write];
    const session = required(
      await insertImpersonation(manager, [
        ...[id, actor.sessionId, actor.userId, rolesWith(write ? 'admin' : 'support')],
        ...[client?.ip ?? 'unknown', client?.userAgent ?? '', impersonationSeconds, readOnly],
        ...[person.id, hashToken(refreshToken)],
      ]),
      'unauthenticated',
    );
    const facts = { ...session, secondFactor: false, impersonatorId: actor.userId, readOnly };
    return this.sessions.answer(person, id, facts, refreshToken);
  }
}

function refuseUnsuited(person: Account): void {
  if (person.staffRole !== null) {
    throw new ProblemError('permission_denied', { detail: 'You cannot impersonate staff. Ask them instead.' });
  }
  refuseSuspended(person);
  if (person.emailVerifiedAt !== null) return;
  throw new ProblemError('permission_denied', {
    detail: 'You cannot impersonate a user whose email address is not verified. Ask the user to verify it.',
  });
}
