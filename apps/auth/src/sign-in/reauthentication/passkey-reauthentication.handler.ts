import {
  beginPasskeyReauthentication,
  reauthenticateWithPasskey,
  type AccessTokenResponse,
  type ContextOf,
  type PasskeyRequestOptions,
  type RequestOf,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireAccount } from '../../account/user/users.table';
import { PasskeyAssertions } from '../webauthn/passkey-assertions';
import { PasskeyChallenges } from '../webauthn/webauthn-challenges.table';
import { descriptorsOf } from '../webauthn/passkeys.table';
import { challengeOf, Webauthn } from '../webauthn/webauthn';
import { SessionRenewal } from './session-renewal';

const userVerification = 'required';

/** Step-up with a passkey. */
@Controller()
export class PasskeyReauthenticationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly webauthn: Webauthn,
    private readonly challenges: PasskeyChallenges,
    private readonly assertions: PasskeyAssertions,
    private readonly renewal: SessionRenewal,
  ) {}

  @Handles(beginPasskeyReauthentication)
  async begin(
    _input: unknown,
    { actor: { userId } }: ContextOf<typeof beginPasskeyReauthentication>,
  ): Promise<PasskeyRequestOptions> {
    const own = await descriptorsOf(this.dataSource.manager, userId);
    const challenge = await this.challenges.issue({ kind: 'reauthenticate', userId });
    return this.webauthn.requestOptions({ challenge, userVerification }, own);
  }

  /** @throws ProblemError `passkey_rejected`, also for another user's passkey; `unauthenticated` */
  @Handles(reauthenticateWithPasskey)
  async complete(
    { response }: RequestOf<typeof reauthenticateWithPasskey>,
    { actor: { userId, sessionId } }: ContextOf<typeof reauthenticateWithPasskey>,
  ): Promise<AccessTokenResponse> {
    const challenge = challengeOf(response);
    await this.challenges.consume({ kind: 'reauthenticate', userId }, challenge);
    const expected = { challenge, userVerification, userId } as const;
    const use = await this.assertions.verify(this.dataSource.manager, expected, response);
    return this.dataSource.transaction(async (manager) => {
      await this.assertions.use(manager, use);
      const user = await requireAccount(manager, userId);
      return this.renewal.renew(manager, { user, sessionId });
    });
  }
}
