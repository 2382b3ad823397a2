import {
  accessTokenAudience,
  accessTokenSeconds,
  accessTokenType,
  type getSigningKeys,
  type ResponseOf,
} from '#libs/contracts';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters, type JWTPayload } from 'jose';

type PublishedKey = ResponseOf<typeof getSigningKeys>['keys'][number];

export const testUserId = '01890a5d-ac96-774b-bcce-b302099a8057';
export const testSessionId = '01890a5d-ac96-774b-bcce-b302099a8058';
export const testApiKeyId = '01890a5d-ac96-774b-bcce-b302099a8059';

/** A signing key like that of auth, and tokens signed with it: valid ones, or with the overrides of a test. */
export class TestTokens {
  private constructor(
    private readonly issuer: string,
    readonly published: PublishedKey[],
    readonly privateKey: CryptoKey,
    readonly kid: string,
  ) {}

  static async create(issuer: string, kid = 'key-1'): Promise<TestTokens> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    const { x = '' } = await exportJWK(publicKey);
    const published: PublishedKey = { kid, kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x };
    return new TestTokens(issuer, [published], privateKey, kid);
  }

  sign(claims: Readonly<Record<string, unknown>> = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    return new SignJWT(this.claims(claims))
      .setProtectedHeader({ alg: 'EdDSA', kid: this.kid, typ: accessTokenType, ...header })
      .sign(this.privateKey);
  }

  claims(overrides: Readonly<Record<string, unknown>> = {}): JWTPayload {
    const now = Math.floor(Date.now() / 1_000);
    return {
      iss: this.issuer,
      aud: accessTokenAudience,
      sub: testUserId,
      sid: testSessionId,
      roles: [],
      iat: now,
      exp: now + accessTokenSeconds,
      auth_time: now,
      ...overrides,
    };
  }
}
