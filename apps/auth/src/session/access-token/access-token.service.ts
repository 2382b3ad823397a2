import {
  accessTokenAudience,
  accessTokenSeconds,
  accessTokenType,
  platformRoles,
  staffWithoutSecondFactor,
} from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { sign, type KeyObject } from 'node:crypto';
import { AuthConfig } from '../../config';
import type { Account } from '../../account/user/users.table';
import { SigningKeyService } from './signing-key.service';

/** What a token says about its session. */
export interface SessionFacts {
  readonly authenticatedAt: Date;
  readonly expiresAt: Date;
  readonly secondFactor: boolean;
  readonly impersonatorId: string | null;
  readonly readOnly: boolean;
}

interface AccessToken {
  readonly accessToken: string;
  /** In seconds. */
  readonly expiresIn: number;
}

@Injectable()
export class AccessTokenService {
  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeyService,
  ) {}

  /**
   * Signs a JWT (RFC 9068) with EdDSA, which anyone can verify with the published keys. It expires no later than
   * its session.
   */
  sign(user: Pick<Account, 'id' | 'staffRole'>, sessionId: string, session: SessionFacts): AccessToken {
    const issuedAt = secondsOf(new Date());
    const expiresAt = Math.min(issuedAt + accessTokenSeconds, secondsOf(session.expiresAt));
    const accessToken = signed(this.signingKeys.current(), {
      iss: this.config.publicUrl,
      aud: accessTokenAudience,
      sub: user.id,
      iat: issuedAt,
      exp: expiresAt,
      sid: sessionId,
      ...claimsOf(user, session),
    });
    return { accessToken, expiresIn: Math.max(0, expiresAt - issuedAt) };
  }
}

/**
 * The compact serialization of RFC 7515 section 7.1, with the algorithm of RFC 8037. jose would sign in libuv's
 * thread pool, where a signature of 30 µs waits behind password hashes.
 */
function signed({ kid, privateKey }: { kid: string; privateKey: KeyObject }, claims: Record<string, unknown>): string {
  const input = [{ alg: 'EdDSA', kid, typ: accessTokenType }, claims].map(encoded).join('.');
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

function encoded(part: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
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
