import {
  mailRequested,
  ProblemError,
  resendVerification,
  verificationRequested,
  type Client,
  type ResponseInput,
  type Session,
} from '#libs/contracts';
import { queryRows } from '#libs/database';
import { createOneTimeToken, hashVerifier, parseOneTimeToken, type OneTimeTokenParts } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { locale } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuthConfig } from '../config';
import { SessionService } from '../session/session.service';
import { User } from '../user/user.entity';
import { EmailVerification } from './email-verification.entity';

const purpose = 'email-verification';
const expiresInHours = 24;
const registration = z.object({ userId: z.uuid(), name: z.string(), locale, passwordHash: z.string() });
type Registration = Pick<z.output<typeof registration>, 'name' | 'locale' | 'passwordHash'>;

@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly outbox: Outbox,
  ) {}

  /** Mails a link that confirms `user.email` for this registration. The token is in the fragment: no server or referrer sees it. */
  async send(manager: EntityManager, user: User, { name, locale, passwordHash }: Registration): Promise<void> {
    const { token, selector, verifierHash } = createOneTimeToken(purpose);
    const expiresAt = new Date(Date.now() + expiresInHours * 3_600_000);
    const values = { selector, verifierHash, userId: user.id, name, locale, passwordHash, expiresAt };
    await manager.insert(EmailVerification, values);
    const url = `${this.config.publicUrl}/verify-email#token=${token}`;
    await this.outbox.add(manager, mailRequested, {
      to: user.email,
      locale,
      mail: { template: 'verify-email', name, url, expiresInHours },
    });
  }

  /** Notes the wish only: whether the address is known is looked at after the answer, so the answer cannot tell. */
  async requestAnother(email: string): Promise<ResponseInput<typeof resendVerification>> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, verificationRequested, { email }));
    return { status: 'verification_sent' };
  }

  async sendAnother(manager: EntityManager, email: string): Promise<void> {
    const user = await manager.findOneBy(User, { email, emailVerifiedAt: IsNull() });
    if (user !== null) await this.send(manager, user, user);
  }

  /**
   * Confirms the address, and signs the person in who opened the link.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  verify(token: string, client: Client | null): Promise<Session> {
    const parts = parseOneTimeToken(token);
    if (parts === null) throw new ProblemError('token_invalid');
    return this.dataSource.transaction(async (manager) => {
      const { userId, ...confirmed } = await this.consume(manager, parts);
      const changes = { ...confirmed, emailVerifiedAt: new Date() };
      const { affected } = await manager.update(User, { id: userId, emailVerifiedAt: IsNull() }, changes);
      // Another link of the same account was opened first: the transaction ends, and with it this link's use.
      if (affected === 0) throw new ProblemError('token_used');
      return this.sessions.start(manager, await manager.findOneByOrFail(User, { id: userId }), client);
    });
  }

  /** One conditional statement, so that of two that come at once one finds the token unused. */
  private async consume(
    manager: EntityManager,
    { selector, verifier }: OneTimeTokenParts,
  ): Promise<z.output<typeof registration>> {
    const verifierHash = hashVerifier(purpose, verifier);
    const [consumed] = await queryRows(
      manager,
      `UPDATE email_verifications SET used_at = now()
       WHERE selector = $1 AND verifier_hash = $2 AND used_at IS NULL AND expires_at > now()
       RETURNING user_id AS "userId", name, locale, password_hash AS "passwordHash"`,
      [selector, verifierHash],
      registration,
    );
    if (consumed !== undefined) return consumed;
    const known = await manager.findOneBy(EmailVerification, { selector, verifierHash });
    if (known === null) throw new ProblemError('token_invalid');
    throw new ProblemError(known.usedAt === null ? 'token_expired' : 'token_used');
  }
}
