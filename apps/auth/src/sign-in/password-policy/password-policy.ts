import { invalidField } from '#libs/contracts';
import { PasswordHasher } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config';
import { BreachedPasswords } from './breached-passwords';
import { isCommonPassword } from './common-passwords';
import { isSimilar } from './similarity';

const refusals = {
  password_common:
    'One of the passwords that are tried first. Choose another, such as a few words that have nothing in common.',
  password_similar:
    'Too much like your name, your address or the name of this service. Choose one that they do not lead to.',
  password_breached:
    'This password has been seen in a data breach. Choose another, and replace it wherever else you use it.',
} as const;

/** The rules of NIST SP 800-63B-3 section 5.1.1.2 beyond those of `newPassword` in #libs/validation. */
@Injectable()
export class PasswordPolicy {
  constructor(
    private readonly config: AuthConfig,
    private readonly breached: BreachedPasswords,
    private readonly hasher: PasswordHasher,
  ) {}

  /**
   * Checks and hashes a new password. It reads only its arguments, so its cost does not depend on any account.
   * @param field of the request, for the error
   * @param owner email address and name of the existing or new account
   * @throws ProblemError `validation_failed` with the code `password_common`, `password_similar` or
   * `password_breached`
   */
  async hash(
    field: 'password' | 'newPassword',
    password: string,
    owner: { readonly email: string; readonly name: string },
  ): Promise<string> {
    const code = await this.refusalOf(password, owner);
    if (code === undefined) return this.hasher.hash(password);
    throw invalidField(field, code, refusals[code]);
  }

  private async refusalOf(
    password: string,
    { email, name }: { readonly email: string; readonly name: string },
  ): Promise<keyof typeof refusals | undefined> {
    if (await isCommonPassword(password)) return 'password_common';
    if (isSimilar(password, { email, name, serviceName: this.config.appName })) return 'password_similar';
    return (await this.breached.includes(password)) ? 'password_breached' : undefined;
  }
}
