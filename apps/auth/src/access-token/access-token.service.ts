import { accessTokenAudience, accessTokenSeconds, accessTokenType } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { AuthConfig } from '../config';
import { SigningKeyService } from './signing-key.service';

@Injectable()
export class AccessTokenService {
  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeyService,
  ) {}

  /** A JWT after RFC 9068, signed with EdDSA, that anyone with the published keys can verify. */
  sign({ userId, sessionId }: { userId: string; sessionId: string }): Promise<string> {
    const { kid, privateKey } = this.signingKeys.current();
    return new SignJWT({ sid: sessionId, roles: [] })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: accessTokenType })
      .setIssuer(this.config.publicUrl)
      .setAudience(accessTokenAudience)
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(`${accessTokenSeconds}s`)
      .sign(privateKey);
  }
}
