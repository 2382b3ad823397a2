// What the gateway's own part of a request costs to know who asks: `npm run bench:tokens`.
import { randomUUID } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { accessTokenAudience, accessTokenType } from '#libs/contracts';
import { alignedTable } from '../local/table';
import { AccessTokenVerifier } from '../../apps/gateway/src/access/access-token.verifier';
import { percentile } from './statistics';

const tokens = 2_000;
const issuer = 'https://app.acme.test';
const kid = 'bench';

/** The verifier as the gateway has it, over a key that is known already, as it is but once a minute. */
async function main(): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA');
  const verifier = new AccessTokenVerifier(
    { publicUrl: issuer },
    { find: () => Promise.resolve(publicKey), onWithdrawal: () => undefined },
  );
  const sign = () =>
    new SignJWT({ sid: randomUUID(), roles: [], auth_time: Math.floor(Date.now() / 1_000) })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: accessTokenType })
      .setIssuer(issuer)
      .setAudience(accessTokenAudience)
      .setSubject(randomUUID())
      .setIssuedAt()
      .setExpirationTime('600s')
      .sign(privateKey);
  const fresh = await Promise.all(Array.from({ length: 2 * tokens }, sign));
  // Compiled code, as in a process that has run for a while.
  await timesOf(verifier, fresh.slice(0, tokens));
  const measured = fresh.slice(tokens);
  const first = await timesOf(verifier, measured);
  const again = await timesOf(verifier, measured);
  const rows = [
    ['first request with a token', ...figures(first)],
    ['further requests with it', ...figures(again)],
  ];
  console.log(alignedTable([['verifying an access token', 'p50 ms', 'p99 ms', 'aim'], ...rows], [1, 2, 3]));
}

async function timesOf(verifier: AccessTokenVerifier, texts: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const text of texts) {
    const startedAt = performance.now();
    await verifier.verify(text);
    times.push(performance.now() - startedAt);
  }
  return times;
}

function figures(times: readonly number[]): string[] {
  const ascending = times.toSorted((a, b) => a - b);
  return [percentile(ascending, 0.5).toFixed(4), percentile(ascending, 0.99).toFixed(4), 'p50 < 0.3'];
}

void main();
