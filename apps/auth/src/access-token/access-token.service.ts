import { accessTokenAudience, accessTokenSeconds, accessTokenType } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { AuthConfig } from '../config';
import { SigningKeyService } from './signing-key.service';

/** Whose session a token is for, and when they last proved who they are. */
export interface TokenSubject {
  readonly userId: string;
  readonly sessionId: string;
  readonly authenticatedAt: Date;
}

@Injectable()
export class AccessTokenService {
  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeyService,
  ) {}

  /** A JWT after RFC 9068, signed with EdDSA, that anyone with the published keys can verify. */
  sign({ userId, sessionId, authenticatedAt }: TokenSubject): Promise<string> {
    const { kid, privateKey } = this.signingKeys.current();
    return new SignJWT({ sid: sessionId, roles: [], auth_time: Math.floor(authenticatedAt.getTime() / 1_000) })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: accessTokenType })
      .setIssuer(this.config.publicUrl)
      .setAudience(accessTokenAudience)
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(`${accessTokenSeconds}s`)
      .sign(privateKey);
  }
}
