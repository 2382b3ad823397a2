import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Proves at the end of a provider sign-in that it started in this browser. Otherwise anyone could make
 * users finish a sign-in to the attacker's account (login CSRF; RFC 9700 section 4.7). SameSite=Lax,
 * because the provider's page sends the browser back.
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
