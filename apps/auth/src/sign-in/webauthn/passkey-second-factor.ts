import { ProblemError, type AssertionResponse, type PasskeyRequestOptions } from '#libs/contracts';
import { constantTimeEqual, hashToken, randomToken } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PasskeyAssertions } from './passkey-assertions';
import { descriptorsOf } from './passkeys.table';
import { challengeOf, Webauthn } from './webauthn';

// The password was the first factor, so a security key without a PIN is enough.
const userVerification = 'preferred';

/**
 * A passkey as second factor. The challenge belongs to one unfinished sign-in: its hash is stored with the
 * mfaToken and is consumed with it.
 */
@Injectable()
export class PasskeySecondFactor {
  constructor(
    private readonly webauthn: Webauthn,
    private readonly assertions: PasskeyAssertions,
  ) {}

  /** Returns undefined if the user has no passkey. */
  async optionsFor(manager: EntityManager, userId: string): Promise<PasskeyRequestOptions | undefined> {
    const allowed = await descriptorsOf(manager, userId);
    if (allowed.length === 0) return undefined;
    return this.webauthn.requestOptions({ challenge: randomToken(), userVerification }, allowed);
  }

  /**
   * @param challengeHash of this sign-in; undefined if no passkey was requested
   * @returns whether the response is valid
   */
  async use(
    manager: EntityManager,
    userId: string,
    challengeHash: string | undefined,
    response: AssertionResponse,
  ): Promise<boolean> {
    try {
      const challenge = challengeOf(response);
      if (challengeHash === undefined || !constantTimeEqual(hashToken(challenge), challengeHash)) return false;
      const expected = { challenge, userVerification, userId } as const;
      await this.assertions.use(manager, await this.assertions.verify(manager, expected, response));
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'passkey_rejected') return false;
      throw error;
    }
  }
}
