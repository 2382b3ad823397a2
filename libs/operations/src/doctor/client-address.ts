import { randomInt } from 'node:crypto';
import { ok, problem, type Finding } from './check';

const attempts = 3;

/**
 * Sends requests with forged `X-Forwarded-For` headers and reads from the rate limit whom the gateway takes
 * for the client: if it believed the header, each forged address would have a limit of its own, and anyone
 * could try passwords without one.
 */
export async function forgedAddressFinding(url: string): Promise<Finding> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const [one, another] = [forgedAddress(), forgedAddress()];
    const first = await leftFor(url, one);
    const second = await leftFor(url, another);
    const third = await leftFor(url, one);
    if (first === undefined || second === undefined || third === undefined)
      return problem('no RateLimit header', 'Let the proxy pass on the headers of the gateway.');
    if (first > second && second > third) return ok('a forged X-Forwarded-For changes nothing');
    if (second >= first && third < second)
      return problem(
        'a forged X-Forwarded-For is taken for the address of the client',
        'Set TRUST_PROXY to the networks of your proxies, and let them replace the header.',
      );
    // The window of the limit ended in between.
  }
  return problem('the rate limit gave no clear answer', 'Run the command again.');
}

/** Of the networks that are kept for examples (RFC 5737), so that nobody's limit is used up. */
const forgedAddress = () => `203.0.113.${randomInt(1, 255)}`;

async function leftFor(url: string, address: string): Promise<number | undefined> {
  const { headers } = await fetch(`${url.replace(/\/+$/, '')}/api/v1/auth/csrf-token`, {
    headers: { 'x-forwarded-for': address },
    redirect: 'manual',
    signal: AbortSignal.timeout(3_000),
  });
  const left = /;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return left === undefined ? undefined : Number(left);
}
