import { refreshTokenSeconds, type Session } from '#libs/contracts';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply } from 'fastify';

/**
 * The prefixes make browsers refuse a cookie that a sibling subdomain or plain HTTP planted (RFC 6265bis section 4.1.3).
 * Chrome and Firefox take Secure cookies from http://localhost as well; Safari does not and needs HTTPS in development too.
 */
export const cookieNames = { access: '__Host-access', refresh: '__Secure-refresh', csrf: 'csrf' } as const;

export const refreshPath = '/api/v1/auth/refresh';

const everywhere = { path: '/', secure: true, sameSite: 'lax' } as const satisfies CookieSerializeOptions;
const accessCookie = { ...everywhere, httpOnly: true } as const satisfies CookieSerializeOptions;
const refreshCookie = { ...accessCookie, path: refreshPath } as const satisfies CookieSerializeOptions;

export function setSessionCookies(reply: FastifyReply, session: Session, csrfToken: string): void {
  reply
    .setCookie(cookieNames.access, session.accessToken, { ...accessCookie, maxAge: session.expiresIn })
    .setCookie(cookieNames.refresh, session.refreshToken, { ...refreshCookie, maxAge: refreshTokenSeconds })
    .setCookie(cookieNames.csrf, csrfToken, { ...everywhere, maxAge: refreshTokenSeconds });
}

export function clearSessionCookies(reply: FastifyReply): void {
  reply
    .clearCookie(cookieNames.access, accessCookie)
    .clearCookie(cookieNames.refresh, refreshCookie)
    .clearCookie(cookieNames.csrf, everywhere);
}
