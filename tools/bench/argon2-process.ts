// The cost of a password alone: argon2 with the parameters that the services use.
import { randomUUID } from 'node:crypto';
import { PasswordHasher } from '#libs/encryption';
import { verify } from 'argon2';
import { z } from 'zod';
import { serveRequests } from './bench-process';

const order = z.object({ seconds: z.number(), atOnce: z.int() });

serveRequests(async (request) => {
  const { seconds, atOnce } = order.parse(request);
  const password = randomUUID();
  const encoded = await new PasswordHasher().hash(password);
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1_000;
  const counts = Array.from({ length: atOnce }, async () => {
    let verified = 0;
    for (; elapsed() < seconds; verified++) await verify(encoded, password);
    return verified;
  });
  const verified = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  return { verified, seconds: elapsed() };
});
