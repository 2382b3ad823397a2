import { user } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { apiUrl, suite, suiteFolder } from './suite';

const objects = () => readdirSync(join(suiteFolder, 'objects', 'avatars'));

it('serves an uploaded picture by its URL through all replicas, until it is replaced', async () => {
  const { session } = await suite.aMember();
  const authorization = `Bearer ${session.accessToken}`;
  const photo = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  const upload = async () => {
    const body = new FormData();
    body.append('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'me.jpg');
    const response = await fetch(`${apiUrl}/api/v1/users/me/avatar`, {
      method: 'PUT',
      headers: { authorization },
      body,
    });
    expect(response.status).toBe(200);
    return user.parse(await response.json()).avatarUrl ?? '';
  };

  const first = await upload();
  expect(first.startsWith(`${apiUrl}/api/v1/avatars/`)).toBe(true);
  for (let time = 0; time < 6; time++) {
    const shown = await fetch(first);
    expect(shown.headers.get('content-type')).toBe('image/webp');
    const picture = await sharp(await shown.arrayBuffer()).metadata();
    expect(picture).toMatchObject({ format: 'webp', width: 512, height: 512 });
  }

  const second = await upload();
  await eventually(async () => (await fetch(first)).status === 404, { timeoutMs: 60_000 });
  expect((await fetch(second)).status).toBe(200);
  const [id = ''] = /[\da-f-]{36}/.exec(new URL(second).pathname) ?? [];
  expect(objects()).toContain(`${id}.webp`);
  expect((await suite.call('DELETE', '/users/me/avatar', { token: session.accessToken })).status).toBe(204);
  await eventually(() => !objects().includes(`${id}.webp`), { timeoutMs: 60_000 });
});
