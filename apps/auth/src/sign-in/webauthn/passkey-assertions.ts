import { ProblemError, required, type AssertionResponse } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { notePasskeyUse, passkeyByCredential } from './passkeys.table';
import { userHandleOf, Webauthn, type AssertionCheck } from './webauthn';

export interface ExpectedAssertion extends AssertionCheck {
  /** The owner that the passkey must have. Null if the passkey identifies the user. */
  readonly userId: string | null;
}

/** A verified assertion. */
export interface PasskeyUse {
  readonly passkeyId: string;
  readonly userId: string;
  readonly counter: number;
  readonly backedUp: boolean;
}

/** Verifies the responses of passkeys. The caller must consume the challenge. */
@Injectable()
export class PasskeyAssertions {
  constructor(private readonly webauthn: Webauthn) {}

  /**
   * If the user is not known, the response must name its user (WebAuthn Level 3 section 7.2, step 6).
   * @throws ProblemError `passkey_rejected`
   */
  async verify(manager: EntityManager, expected: ExpectedAssertion, response: AssertionResponse): Promise<PasskeyUse> {
    const passkey = required(await passkeyByCredential(manager, response.id, expected.userId), 'passkey_rejected');
    const { id: passkeyId, userId } = passkey;
    const { userHandle } = response.response;
    const isMissing = userHandle === null && expected.userId !== null;
    if (!isMissing && userHandle !== userHandleOf(userId)) throw new ProblemError('passkey_rejected');
    return { passkeyId, userId, ...(await this.webauthn.verifyAssertion(expected, response, passkey)) };
  }

  /**
   * Call it in the transaction of the act. Of two concurrent uses, the older one does not lower the counter.
   * @throws ProblemError `passkey_rejected` if the passkey was removed or its counter has passed this one
   */
  async use(manager: EntityManager, { passkeyId, counter, backedUp }: PasskeyUse): Promise<void> {
    if (!(await notePasskeyUse(manager, { id: passkeyId, counter, backedUp })))
      throw new ProblemError('passkey_rejected');
  }
}
