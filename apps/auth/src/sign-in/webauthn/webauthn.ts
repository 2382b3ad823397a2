import {
  ProblemError,
  type AssertionResponse,
  type PasskeyCreationOptions,
  type PasskeyDescriptor,
  type PasskeyRequestOptions,
  type RegistrationResponse,
} from '#libs/contracts';
import { decodeUtf8 } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuthConfig } from '../../config';
import type { User } from '../../account/user/users.table';

/** How long a challenge is valid, in seconds (W3C recommends 5 to 10 minutes: WebAuthn Level 3 section 15.1). */
export const challengeSeconds = 300;

/** EdDSA, ES256, RS256, as section 5.8.5 recommends. */
const algorithms = [-8, -7, -257];
/** An RSA key of 4096 bits needs 540 bytes. */
const longestPublicKey = 1_024;

const clientData = z.looseObject({
  challenge: z.string().max(64),
  // We are never in a frame (section 13.4.9). The library accepts one without `topOrigin` and checks neither in
  // enrollments.
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.undefined().optional(),
});

export interface NewCredential {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly deviceType: 'singleDevice' | 'multiDevice';
  readonly backedUp: boolean;
}

export interface StoredCredential {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
}

export interface AssertionCheck {
  readonly challenge: string;
  /** Whether the authenticator must verify its user with a PIN or biometrics. */
  readonly userVerification: PasskeyRequestOptions['userVerification'];
}

/** The relying party of WebAuthn. Only this file uses the library, which is loaded on first use. */
@Injectable()
export class Webauthn {
  private readonly origin: string;
  private readonly rpId: string;

  constructor(private readonly config: AuthConfig) {
    const { origin, hostname } = new URL(config.publicUrl);
    this.origin = origin;
    this.rpId = hostname;
  }

  /** @param existing passkeys of the account, so that an authenticator does not create a second one */
  creationOptions(
    challenge: string,
    user: Pick<User, 'id' | 'email' | 'name'>,
    existing: PasskeyDescriptor[],
  ): PasskeyCreationOptions {
    return {
      rp: { id: this.rpId, name: this.config.appName },
      user: { id: userHandleOf(user.id), name: user.email, displayName: user.name },
      challenge,
      pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
      timeout: challengeSeconds * 1_000,
      excludeCredentials: existing,
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    };
  }

  requestOptions(
    { challenge, userVerification }: AssertionCheck,
    allowCredentials: PasskeyDescriptor[],
  ): PasskeyRequestOptions {
    return { rpId: this.rpId, challenge, timeout: challengeSeconds * 1_000, allowCredentials, userVerification };
  }

  /** @throws ProblemError `passkey_rejected` */
  async verifyRegistration(challenge: string, response: RegistrationResponse): Promise<NewCredential> {
    const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
    const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers');
    return orReject(async () => {
      const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.response.attestationObject));
      // For some formats, the library downloads revocation lists from URLs in the sender's certificates. We
      // requested no attestation.
      const hasCertificates = attestation.get('attStmt').get('x5c') !== undefined;
      if (hasCertificates || !['none', 'packed'].includes(attestation.get('fmt'))) return undefined;
      const { registrationInfo: made } = await verifyRegistrationResponse({
        response: { ...response, clientExtensionResults: {} },
        expectedChallenge: challenge,
        expectedOrigin: this.origin,
        expectedRPID: this.rpId,
        supportedAlgorithmIDs: algorithms,
        requireUserVerification: true,
      });
      if (made === undefined || made.credential.publicKey.length > longestPublicKey) return undefined;
      const { id: credentialId, publicKey, counter } = made.credential;
      if (credentialId !== response.id) return undefined;
      const { transports } = response.response;
      const { credentialDeviceType: deviceType, credentialBackedUp: backedUp } = made;
      return { credentialId, publicKey, counter, transports, deviceType, backedUp };
    });
  }

  /**
   * @throws ProblemError `passkey_rejected`, also if the counter went backwards, which indicates a clone (section
   * 6.1.1)
   */
  async verifyAssertion(
    { challenge, userVerification }: AssertionCheck,
    { id, rawId, type, response }: AssertionResponse,
    { credentialId, publicKey, counter }: StoredCredential,
  ): Promise<{ counter: number; backedUp: boolean }> {
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
    const { clientDataJSON, authenticatorData, signature } = response;
    return orReject(async () => {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: {
          ...{ id, rawId, type, clientExtensionResults: {} },
          response: { clientDataJSON, authenticatorData, signature },
        },
        expectedChallenge: challenge,
        expectedOrigin: this.origin,
        expectedRPID: this.rpId,
        credential: { id: credentialId, publicKey: Uint8Array.from(publicKey), counter },
        requireUserVerification: userVerification === 'required',
      });
      const { newCounter, credentialBackedUp: backedUp } = authenticationInfo;
      return verified ? { counter: newCounter, backedUp } : undefined;
    });
  }
}

/**
 * Reads the challenge that a response claims to answer. The signature is verified later.
 * @throws ProblemError `passkey_rejected`
 */
export function challengeOf({ response }: RegistrationResponse | AssertionResponse): string {
  const parsed = clientData.safeParse(jsonOf(Buffer.from(response.clientDataJSON, 'base64url')));
  if (!parsed.success) throw new ProblemError('passkey_rejected', { cause: parsed.error });
  return parsed.data.challenge;
}

/**
 * How authenticators identify the account: the bytes of its id, which reveal nothing about the user (section
 * 14.6.1).
 */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The library's errors go to the log only. */
async function orReject<T>(verify: () => Promise<T | undefined>): Promise<T> {
  const verified = await verify().catch((cause: unknown) => new ProblemError('passkey_rejected', { cause }));
  if (verified instanceof ProblemError) throw verified;
  if (verified === undefined) throw new ProblemError('passkey_rejected');
  return verified;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch {
    return undefined;
  }
}
