import {
  accessTokenAlgorithm,
  accessTokenAudience,
  accessTokenClaims,
  accessTokenType,
  ProblemError,
  type AccessTokenClaims,
  type SessionActor,
} from '#libs/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, type CryptoKey, type JWTHeaderParameters } from 'jose';
import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { GatewayConfig } from '../config';
import { SigningKeys } from './signing-keys';

interface VerifiedToken {
  readonly actor: SessionActor;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

const rememberedTokens = 10_000;
const longestToken = 4_096;

/**
 * Verifies access tokens locally by RFC 9068 section 4 and RFC 8725: exactly one algorithm, type, issuer
 * and audience.
 */
@Injectable()
export class AccessTokenVerifier {
  /** Keyed by the token's SHA-256. A signature is checked once, the expiry every time. */
  private readonly verified = new LRUCache<string, VerifiedToken>({ max: rememberedTokens });

  constructor(
    @Inject(GatewayConfig) private readonly config: Pick<GatewayConfig, 'publicUrl'>,
    @Inject(SigningKeys) private readonly keys: Pick<SigningKeys, 'find' | 'onWithdrawal'>,
  ) {
    keys.onWithdrawal(() => this.verified.clear());
  }

  /** @throws ProblemError unauthenticated, or service_unavailable while no signing key is known */
  async verify(token: string): Promise<SessionActor> {
    if (token.length > longestToken) throw new ProblemError('unauthenticated');
    const digest = hash('sha256', token, 'base64');
    const remembered = this.verified.get(digest);
    const { actor, expiresAt } = remembered ?? (await this.check(token));
    if (expiresAt * 1000 <= Date.now()) {
      this.verified.delete(digest);
      throw new ProblemError('unauthenticated');
    }
    if (remembered === undefined) this.verified.set(digest, { actor, expiresAt });
    return actor;
  }

  /**
   * Returns the session of a token that we signed, even if the token has expired. Use it only for signing
   * out.
   * @throws ProblemError service_unavailable while no signing key is known
   */
  async sessionOf(token: string): Promise<string | undefined> {
    if (token.length > longestToken) return undefined;
    try {
      return (await this.claimsOf(token)).sid;
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      // jose checks the expiry last, so everything else about this token is valid.
      return error instanceof errors.JWTExpired ? accessTokenClaims.safeParse(error.payload).data?.sid : undefined;
    }
  }

  private async check(token: string): Promise<VerifiedToken> {
    try {
      return describe(await this.claimsOf(token));
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError('unauthenticated', { cause: error });
    }
  }

  private async claimsOf(token: string): Promise<AccessTokenClaims> {
    const { payload } = await jwtVerify(token, (header) => this.keyFor(header), {
      algorithms: [accessTokenAlgorithm],
      typ: accessTokenType,
      issuer: this.config.publicUrl,
      audience: accessTokenAudience,
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    return accessTokenClaims.parse(payload);
  }

  private async keyFor({ kid }: JWTHeaderParameters): Promise<CryptoKey> {
    const key = kid === undefined ? undefined : await this.keys.find(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  }
}

function describe({ sub, sid, org, roles, exp, auth_time, act, read_only }: AccessTokenClaims): VerifiedToken {
  const authenticatedAt = auth_time;
  const organizationId = org ?? null;
  const impersonation = act === undefined ? {} : { impersonatorId: act.sub, readOnly: read_only !== false };
  return {
    actor: { kind: 'session', userId: sub, sessionId: sid, authenticatedAt, organizationId, roles, ...impersonation },
    expiresAt: exp,
  };
}
