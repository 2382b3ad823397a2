import { createdApiKey } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { suite, suiteFolder } from './suite';

const logs = () =>
  globSync('{gateway,auth,billing,notification}*.log', { cwd: join(suiteFolder, 'logs') })
    .map((name) => readFileSync(join(suiteFolder, 'logs', name), 'utf8'))
    .join('\n');

/** The two replicas share the requests. */
const statuses = async (token: string) =>
  new Set(
    (await Promise.all(Array.from({ length: 20 }, () => suite.call('GET', '/users/me', { token })))).map(
      ({ status }) => status,
    ),
  );

it('an API key works for its scope on every replica until a second after it is revoked, and appears in no log', async () => {
  const member = await suite.aMember();
  const { accessToken } = member.session;
  const body = { name: 'Deploys', scopes: ['profile:read'] };
  const created = await suite.call('POST', '/users/me/api-keys', { token: accessToken, body });
  expect(created.status).toBe(201);
  const { id, key } = createdApiKey.parse(created.body);
  expect(await statuses(key)).toEqual(new Set([200]));
  expect(await suite.call('PATCH', '/users/me', { token: key, body: { name: 'X' } })).toMatchObject({ status: 403 });
  expect(await suite.call('GET', '/users/me/api-keys', { token: key })).toMatchObject({ status: 403 });
  await suite.call('GET', `/users/me/${key}?api_key=${key}`, { headers: { 'x-request-id': key } });
  await suite.mailTo(member.email, /API key was created/);

  expect((await suite.call('DELETE', `/users/me/api-keys/${id}`, { token: accessToken })).status).toBe(204);
  await eventually(async () => (await statuses(key)).size === 1 && (await statuses(key)).has(401), {
    timeoutMs: 10_000,
    describe: 'the key to be refused by every replica',
  });
  await suite.mailTo(member.email, /API key was revoked/);

  const last = `last-${randomUUID()}`;
  await suite.call('GET', '/users/me', { token: accessToken, headers: { 'x-request-id': last } });
  await eventually(() => logs().includes(last));
  for (const part of [key, key.slice(8), key.slice(8, -6)]) expect(logs().includes(part)).toBe(false);
});
