// The gateway's cost of verifying a token: its own verifier with a key that is already known, as is the
// case except once a minute.
import { randomUUID } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { accessTokenAudience, accessTokenType } from '#libs/contracts';
import { AccessTokenVerifier } from '../../apps/gateway/src/measured';
import { serveRequests } from './bench-process';
import { median } from './statistics';

const tokens = 2_000;
const issuer = 'https://app.acme.test';

/** Medians in milliseconds: the first request with a token, whose signature is checked, and further ones. */
async function measure(): Promise<{ firstMs: number; furtherMs: number }> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA');
  const verifier = new AccessTokenVerifier(
    { publicUrl: issuer },
    { find: () => Promise.resolve(publicKey), onWithdrawal: () => undefined },
  );
  const sign = () =>
    new SignJWT({ sid: randomUUID(), roles: [], auth_time: Math.floor(Date.now() / 1_000) })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'bench', typ: accessTokenType })
      .setIssuer(issuer)
      .setAudience(accessTokenAudience)
      .setSubject(randomUUID())
      .setIssuedAt()
      .setExpirationTime('600s')
      .sign(privateKey);
  const all = await Promise.all(Array.from({ length: 2 * tokens }, sign));
  // Compiles the code first, as in a process that has run for a while.
  await timesOf(verifier, all.slice(0, tokens));
  const measured = all.slice(tokens);
  const firstMs = median(await timesOf(verifier, measured));
  return { firstMs, furtherMs: median(await timesOf(verifier, measured)) };
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

serveRequests(measure);
