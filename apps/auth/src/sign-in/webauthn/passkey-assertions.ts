import { ProblemError, required, type AssertionResponse } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { notePasskeyUse, passkeyByCredential } from './passkeys.table';
import { userHandleOf, Webauthn, type AssertionCheck } from './webauthn';

export interface ExpectedAssertion extends AssertionCheck {
  /** Whose passkey it must be; null when the passkey is to tell who it is. */
  readonly userId: string | null;
}

/** An assertion that was verified. */
export interface PasskeyUse {
  readonly passkeyId: string;
  readonly userId: string;
  readonly counter: number;
  readonly backedUp: boolean;
}

/** What passkeys answer: whose it is, and whether it is right. That a challenge is answered once is the caller's part. */
@Injectable()
export class PasskeyAssertions {
  constructor(private readonly webauthn: Webauthn) {}

  /**
   * Where nobody is known before, the answer must name its user (WebAuthn Level 3 section 7.2, step 6).
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
   * In the transaction of what it was for. Of two uses at once, the older one does not set the counter back.
   * @throws ProblemError `passkey_rejected` when the passkey was removed or its counter overtaken meanwhile
   */
  async use(manager: EntityManager, { passkeyId, counter, backedUp }: PasskeyUse): Promise<void> {
    if (!(await notePasskeyUse(manager, { id: passkeyId, counter, backedUp })))
      throw new ProblemError('passkey_rejected');
  }
}
