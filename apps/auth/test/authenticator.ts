import type { PasskeyCreationOptions, PasskeyDescriptor, PasskeyRequestOptions } from '#libs/contracts';
import { cose, isoCBOR } from '@simplewebauthn/server/helpers';
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { attestationCertificate, attestationKey } from './attestation-certificate';

interface Credential {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly rpId: string;
  readonly userHandle: string;
}

/** What a test makes wrong on purpose. */
export interface Tampering {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly isUserVerified?: boolean;
  readonly isUserPresent?: boolean;
  readonly counter?: number;
}

export interface RegistrationTampering extends Tampering {
  readonly credentialId?: Buffer;
  /** The COSE key to send instead of the right one. */
  readonly publicKey?: Map<number, number | Uint8Array>;
  readonly attestation?: 'none' | 'self' | 'certificate' | 'android-key';
}

export interface AssertionTampering extends Tampering {
  readonly userHandle?: string | null;
  /** The credential that signs, even if the options do not allow it. */
  readonly with?: string;
}

// Section 6.1, flags.
const flag = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, attestedData: 0x40 };

/**
 * A browser with a software authenticator: ES256 keys, real signatures over authData ‖ SHA-256(clientDataJSON),
 * and responses with all members that browsers send (WebAuthn Level 3 sections 5.1, 6.1, 6.3).
 */
export class TestAuthenticator {
  private readonly credentials: Credential[] = [];
  private counter = 0;

  /** @param counts true for a security key; synchronized passkeys stay at 0 */
  constructor(
    private readonly origin: string,
    private readonly counts = true,
  ) {}

  create(options: PasskeyCreationOptions, tampering: RegistrationTampering = {}) {
    if (options.excludeCredentials.some(({ id }) => this.has(id))) throw new Error('InvalidStateError');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const credentialId = tampering.credentialId ?? randomBytes(32);
    const id = credentialId.toString('base64url');
    this.credentials.push({ id, privateKey, rpId: options.rp.id, userHandle: options.user.id });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const key = tampering.publicKey ?? coseKey(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'));
    const attestedData = [Buffer.alloc(16), uint16(credentialId.length), credentialId, isoCBOR.encode(key)];
    const flags = flagsOf(tampering) | flag.backupEligible | flag.backedUp | flag.attestedData;
    const authData = Buffer.concat([this.header(options.rp.id, flags, tampering), ...attestedData]);
    const clientDataJSON = this.clientData('webauthn.create', options.challenge, tampering);
    const statement = attestationOf(tampering.attestation ?? 'none', authData, clientDataJSON, privateKey);
    return {
      ...envelope(id),
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        attestationObject: encoded(isoCBOR.encode(new Map([...statement, ['authData', bytes(authData)]]))),
        transports: ['hybrid', 'internal'],
        authenticatorData: authData.toString('base64url'),
        publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
        publicKeyAlgorithm: cose.COSEALG.ES256,
      },
    };
  }

  get(options: PasskeyRequestOptions, tampering: AssertionTampering = {}) {
    const { id, privateKey, rpId, userHandle } = this.choose(options, tampering.with);
    const flags = flagsOf(tampering) | flag.backupEligible | flag.backedUp;
    const authData = this.header(rpId, flags, tampering);
    const clientDataJSON = this.clientData('webauthn.get', options.challenge, tampering);
    return {
      ...envelope(id),
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signed(authData, clientDataJSON, privateKey).toString('base64url'),
        userHandle: tampering.userHandle === undefined ? userHandle : tampering.userHandle,
      },
    };
  }

  /** The id of the newest credential. */
  newest(): string {
    return this.credentials.at(-1)?.id ?? '';
  }

  private has(id: string): boolean {
    return this.credentials.some((credential) => credential.id === id);
  }

  private choose({ rpId, allowCredentials }: PasskeyRequestOptions, id: string | undefined): Credential {
    const isAllowed = (credential: Credential) =>
      allowCredentials.length === 0
        ? credential.rpId === rpId
        : allowCredentials.some((allowed: PasskeyDescriptor) => allowed.id === credential.id);
    const chosen = this.credentials.find((credential) =>
      id === undefined ? isAllowed(credential) : credential.id === id,
    );
    if (chosen === undefined) throw new Error('NotAllowedError');
    return chosen;
  }

  private clientData(type: string, challenge: string, { origin, crossOrigin, ...changes }: Tampering): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: changes.type ?? type,
        challenge: changes.challenge ?? challenge,
        origin: origin ?? this.origin,
        crossOrigin: crossOrigin ?? false,
        other_keys_can_be_added_here: 'do not compare clientDataJSON against a template',
      }),
    );
  }

  private header(rpId: string, flags: number, { rpId: other, counter }: Tampering): Buffer {
    if (this.counts) this.counter++;
    return Buffer.concat([sha256(other ?? rpId), Buffer.from([flags]), uint32(counter ?? this.counter)]);
  }
}

function envelope(id: string) {
  const type = 'public-key' as const;
  return {
    id,
    rawId: id,
    type,
    clientExtensionResults: { credProps: { rk: true } },
    authenticatorAttachment: 'platform',
  };
}

function flagsOf({ isUserVerified = true, isUserPresent = true }: Tampering): number {
  return (isUserPresent ? flag.userPresent : 0) | (isUserVerified ? flag.userVerified : 0);
}

function coseKey(x: Uint8Array, y: Uint8Array): Map<number, number | Uint8Array> {
  return new Map<number, number | Uint8Array>([
    [cose.COSEKEYS.kty, cose.COSEKTY.EC2],
    [cose.COSEKEYS.alg, cose.COSEALG.ES256],
    [cose.COSEKEYS.crv, cose.COSECRV.P256],
    [cose.COSEKEYS.x, bytes(x)],
    [cose.COSEKEYS.y, bytes(y)],
  ]);
}

type Statement = Map<string, string | Uint8Array | Map<string, number | Uint8Array | Uint8Array[]>>;

function attestationOf(
  kind: NonNullable<RegistrationTampering['attestation']>,
  authData: Buffer,
  clientDataJSON: Buffer,
  credentialKey: KeyObject,
): Statement {
  const statement = new Map<string, number | Uint8Array | Uint8Array[]>();
  const fmt = kind === 'none' ? 'none' : kind === 'android-key' ? 'android-key' : 'packed';
  if (kind !== 'none') {
    const key = kind === 'self' ? credentialKey : createPrivateKey(attestationKey);
    statement.set('alg', cose.COSEALG.ES256).set('sig', bytes(signed(authData, clientDataJSON, key)));
  }
  if (kind === 'certificate') statement.set('x5c', [bytes(new X509Certificate(attestationCertificate).raw)]);
  return new Map<string, string | typeof statement>([
    ['fmt', fmt],
    ['attStmt', statement],
  ]);
}

function signed(authData: Buffer, clientDataJSON: Buffer, privateKey: KeyObject): Buffer {
  return sign('sha256', Buffer.concat([authData, sha256(clientDataJSON)]), privateKey);
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** The encoder does not accept subclasses of Uint8Array. */
function bytes(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(data);
}

function encoded(data: Uint8Array): string {
  return Buffer.from(data).toString('base64url');
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
