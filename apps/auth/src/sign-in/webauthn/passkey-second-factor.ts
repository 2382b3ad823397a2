import { ProblemError, type AssertionResponse, type PasskeyRequestOptions } from '#libs/contracts';
import { constantTimeEqual, hashToken, randomToken } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PasskeyAssertions } from './passkey-assertions';
import { descriptorsOf } from './passkeys.table';
import { challengeOf, Webauthn } from './webauthn';

// The password was one factor already; a key without PIN is another one.
const userVerification = 'preferred';

/**
 * A passkey as the second factor. The challenge belongs to the half-done sign-in: its hash stands beside the mfaToken, it
 * answers nothing else, and it is used up with that token.
 */
@Injectable()
export class PasskeySecondFactor {
  constructor(
    private readonly webauthn: Webauthn,
    private readonly assertions: PasskeyAssertions,
  ) {}

  /** What to ask this person's passkeys; undefined when there is none. */
  async optionsFor(manager: EntityManager, userId: string): Promise<PasskeyRequestOptions | undefined> {
    const allowed = await descriptorsOf(manager, userId);
    if (allowed.length === 0) return undefined;
    return this.webauthn.requestOptions({ challenge: randomToken(), userVerification }, allowed);
  }

  /**
   * Uses the passkey.
   * @param challengeHash what was asked of this sign-in; undefined when no passkey was
   * @returns whether it was right
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
