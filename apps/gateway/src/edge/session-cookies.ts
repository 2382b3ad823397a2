import { accessTokenClaims, refreshTokenSeconds, type AccessTokenResponse, type Session } from '#libs/contracts';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply } from 'fastify';
import { decodeJwt } from 'jose';

/**
 * The prefixes make browsers refuse cookies that a sibling subdomain or plain HTTP planted (RFC 6265bis
 * section 4.1.3). Chrome and Firefox accept Secure cookies from http://localhost. Safari does not, so it
 * needs HTTPS in development too.
 */
export const cookieNames = {
  access: '__Host-access',
  refresh: '__Secure-refresh',
  /** The only cookie that scripts can read. */
  csrf: '__Host-csrf',
  device: '__Host-device',
} as const;

export const refreshPath = '/api/v1/auth/refresh';

const everywhere = { path: '/', secure: true, sameSite: 'lax' } as const satisfies CookieSerializeOptions;
const accessCookie = { ...everywhere, httpOnly: true } as const satisfies CookieSerializeOptions;
const refreshCookie = { ...accessCookie, path: refreshPath } as const satisfies CookieSerializeOptions;

/** It outlives sessions on purpose. */
export const deviceCookie = { ...accessCookie, maxAge: 365 * 24 * 3600 } as const satisfies CookieSerializeOptions;

export function setSessionCookies(reply: FastifyReply, session: Session, csrfToken: string): void {
  setAccessCookie(reply, session)
    .setCookie(cookieNames.refresh, session.refreshToken, { ...refreshCookie, maxAge: refreshTokenSeconds })
    .setCookie(cookieNames.csrf, csrfToken, { ...everywhere, maxAge: refreshTokenSeconds });
}

export function setAccessCookie(
  reply: FastifyReply,
  { accessToken, expiresIn }: Pick<AccessTokenResponse, 'accessToken' | 'expiresIn'>,
): FastifyReply {
  return reply.setCookie(cookieNames.access, accessToken, { ...accessCookie, maxAge: expiresIn });
}

export function clearSessionCookies(reply: FastifyReply): void {
  reply
    .clearCookie(cookieNames.access, accessCookie)
    .clearCookie(cookieNames.refresh, refreshCookie)
    .clearCookie(cookieNames.csrf, everywhere);
}

/** Returns the id of a session that auth has just returned, so its access token needs no verification. */
export function sessionIdOf({ accessToken }: Pick<Session, 'accessToken'>): string {
  return accessTokenClaims.parse(decodeJwt(accessToken)).sid;
}
