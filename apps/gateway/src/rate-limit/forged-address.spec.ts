import { doctor } from '#libs/operations';
import { resultOf } from '#libs/testing';
import { z } from 'zod';
import { startGateway } from '../../test/gateway';

const results = z.array(z.object({ check: z.string(), status: z.string(), seen: z.string() }));

it.each([
  ['believes a forged address, as one that counts a proxy which is not there', '1', 'problem', 'is taken for'],
  ['ignores a forged address', 'false', 'ok', 'changes nothing'],
])('doctor sees by the rate limit whether a gateway %s', async (_what, TRUST_PROXY, status, seen) => {
  const gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1', TRUST_PROXY } });
  await gateway.application.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${gateway.port()}`;
  // A busy client is granted several requests at a time, which each replica counts down by itself.
  for (let index = 0; index < 20; index++) await fetch(`${url}/api/v1/auth/csrf-token`);
  const { output } = await resultOf(doctor, [url, '--json'], { DATABASE_URL: 'postgres://nowhere' });
  const found = results.parse(JSON.parse(output)).find(({ check }) => check === 'forged client address');
  expect(found).toMatchObject({ status, seen: expect.stringContaining(seen) });
});
