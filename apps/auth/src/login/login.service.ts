import { ProblemError, type Client, type Session } from '#libs/contracts';
import { PasswordHasher } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionService } from '../session/session.service';
import { User } from '../user/user.entity';

@Injectable()
export class LoginService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionService,
  ) {}

  /**
   * An unknown address costs one query and one hash, as a wrong password does (OWASP Authentication Cheat Sheet).
   * @throws ProblemError `invalid_credentials`; `email_not_verified`, told only to who knows the password
   */
  async login(email: string, password: string, client: Client | null): Promise<Session> {
    const user = await this.dataSource.manager.findOneBy(User, { email });
    if (user === null) {
      await this.hasher.verifyNobody(password);
      throw new ProblemError('invalid_credentials');
    }
    const { matches, needsRehash } = await this.hasher.verify(user.passwordHash, password);
    if (!matches) throw new ProblemError('invalid_credentials');
    if (user.emailVerifiedAt === null) throw new ProblemError('email_not_verified');
    if (needsRehash) await this.rehash(user, password);
    return this.dataSource.transaction((manager) => this.sessions.start(manager, user, client));
  }

  /** The parameters were raised since. The old hash is the condition: a password changed meanwhile stays changed. */
  private async rehash({ id, passwordHash }: User, password: string): Promise<void> {
    const stronger = await this.hasher.hash(password);
    await this.dataSource.manager.update(User, { id, passwordHash }, { passwordHash: stronger });
  }
}
