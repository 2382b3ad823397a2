import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Shows at the end of a sign-in at another provider that it began in this browser: without it, anybody could have others open
 * the end of a sign-in of their own (login CSRF; RFC 9700 section 4.7). Lax, as the provider's page is what sends the browser back.
 */
const name = '__Host-oauth';
const attributes = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
} as const satisfies CookieSerializeOptions;
/** As long as auth keeps the flow. */
const lifeSeconds = 600;

export function keepBrowserSecret(reply: FastifyReply, secret: string): void {
  reply.setCookie(name, secret, { ...attributes, maxAge: lifeSeconds });
}

export function browserSecretOf({ cookies }: FastifyRequest): string | undefined {
  return cookies[name]?.slice(0, 256) || undefined;
}

export function forgetBrowserSecret(reply: FastifyReply): void {
  reply.clearCookie(name, attributes);
}
