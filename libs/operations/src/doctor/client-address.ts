import { randomBytes } from 'node:crypto';
import { ok, problem, type Finding } from './check';

const attempts = 3;

/**
 * Sends requests with forged `X-Forwarded-For` headers and reads from the rate limit whom the gateway takes
 * for the client. If it believed the header, each forged address would begin a limit of its own, and anyone
 * could try passwords without one. Otherwise only the first request of a window can begin one.
 */
export async function forgedAddressFinding(url: string): Promise<Finding> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isFirst = await beginsLimit(url);
    if (isFirst === undefined)
      return problem('no RateLimit header', 'Let the proxy pass on the headers of the gateway.');
    if (!isFirst) return ok('a forged X-Forwarded-For changes nothing');
  }
  return problem(
    'a forged X-Forwarded-For is taken for the address of the client',
    'Set TRUST_PROXY to the networks of your proxies, and let them replace the header.',
  );
}

/** A new network of those that are kept for examples (RFC 3849), so that nobody's limit is used up. */
function forgedAddress(): string {
  const network = randomBytes(4).toString('hex');
  return `2001:db8:${network.slice(0, 4)}:${network.slice(4)}::1`;
}

/** Whether the gateway has not seen this client in the window of its limit; undefined if it tells no limit. */
async function beginsLimit(url: string): Promise<boolean | undefined> {
  const { headers } = await fetch(`${url.replace(/\/+$/, '')}/api/v1/auth/csrf-token`, {
    headers: { 'x-forwarded-for': forgedAddress() },
    redirect: 'manual',
    signal: AbortSignal.timeout(3_000),
  });
  const limit = /;q=(\d+)/.exec(headers.get('ratelimit-policy') ?? '')?.[1];
  const left = /;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return limit === undefined || left === undefined ? undefined : Number(left) === Number(limit) - 1;
}
