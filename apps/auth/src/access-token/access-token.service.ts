import {
  accessTokenAudience,
  accessTokenSeconds,
  accessTokenType,
  platformRoles,
  staffWithoutSecondFactor,
} from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { AuthConfig } from '../config';
import type { Account, SessionFacts } from '../user/users';
import { SigningKeyService } from './signing-key.service';

interface AccessToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

@Injectable()
export class AccessTokenService {
  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeyService,
  ) {}

  /** A JWT after RFC 9068, signed with EdDSA, that anyone with the published keys can verify. It does not outlive its session. */
  async sign(user: Pick<Account, 'id' | 'staffRole'>, sessionId: string, session: SessionFacts): Promise<AccessToken> {
    const { kid, privateKey } = this.signingKeys.current();
    const issuedAt = secondsOf(new Date());
    const expiresAt = Math.min(issuedAt + accessTokenSeconds, secondsOf(session.expiresAt));
    const accessToken = await new SignJWT({ sid: sessionId, ...claimsOf(user, session) })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: accessTokenType })
      .setIssuer(this.config.publicUrl)
      .setAudience(accessTokenAudience)
      .setSubject(user.id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(privateKey);
    return { accessToken, expiresIn: Math.max(0, expiresAt - issuedAt) };
  }
}

function claimsOf(user: Pick<Account, 'staffRole'>, session: SessionFacts) {
  const { authenticatedAt, impersonatorId, readOnly } = session;
  const auth_time = secondsOf(authenticatedAt);
  if (impersonatorId !== null) return { roles: [], auth_time, act: { sub: impersonatorId }, read_only: readOnly };
  return { roles: rolesOf(user, session), auth_time };
}

function rolesOf({ staffRole }: Pick<Account, 'staffRole'>, { secondFactor }: SessionFacts): string[] {
  if (staffRole === null) return [];
  return [secondFactor ? platformRoles[staffRole] : staffWithoutSecondFactor];
}

function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1_000);
}
