import {
  beginPasskeySignIn,
  ProblemError,
  signInWithPasskey,
  type ContextOf,
  type PasskeyRequestOptions,
  type RequestOf,
  type Session,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireAccount } from '../../account/user/users.table';
import { SignInService } from '../sign-in/sign-in.service';
import { PasskeyAssertions } from '../webauthn/passkey-assertions';
import { PasskeyChallenges } from '../webauthn/webauthn-challenges.table';
import { challengeOf, Webauthn } from '../webauthn/webauthn';

const userVerification = 'required';

/** Sign-in with only a passkey. */
@Controller()
export class PasskeySignInHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly webauthn: Webauthn,
    private readonly challenges: PasskeyChallenges,
    private readonly assertions: PasskeyAssertions,
    private readonly signIn: SignInService,
  ) {}

  @Handles(beginPasskeySignIn)
  async begin(): Promise<PasskeyRequestOptions> {
    const challenge = await this.challenges.issue({ kind: 'sign-in' });
    return this.webauthn.requestOptions({ challenge, userVerification }, []);
  }

  /** @throws ProblemError `passkey_rejected`; with the right passkey `email_not_verified`, `account_suspended` */
  @Handles(signInWithPasskey)
  async complete(
    { response }: RequestOf<typeof signInWithPasskey>,
    { client }: ContextOf<typeof signInWithPasskey>,
  ): Promise<Session> {
    const challenge = challengeOf(response);
    await this.challenges.consume({ kind: 'sign-in' }, challenge);
    const expected = { challenge, userVerification, userId: null } as const;
    const use = await this.assertions.verify(this.dataSource.manager, expected, response);
    return this.dataSource.transaction(async (manager) => {
      await this.assertions.use(manager, use);
      const user = await requireAccount(manager, use.userId, 'passkey_rejected');
      if (user.emailVerifiedAt === null) throw new ProblemError('email_not_verified');
      // The authenticator verified its user, so these are two factors: possession, and knowledge or inherence.
      return this.signIn.complete(manager, user, { method: 'passkey', client, secondFactor: true });
    });
  }
}
