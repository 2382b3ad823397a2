import { getProfile, removeAvatar, storeAvatar, updateProfile } from '#libs/contracts';
import { cleanupOnce, eventually, freePort, spawnProcess } from '#libs/testing';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { actorOf, contextOf, startAuth, startServers, type TestAuth } from '../../../test/auth';
import { aPicture } from '../../../test/pictures';
import type { User } from '../user/users.table';

const named = {
  S3_BUCKET: 'pictures',
  S3_REGION: 'eu-central-1',
  S3_ACCESS_KEY_ID: 'AKIATESTTESTTEST',
  S3_SECRET_ACCESS_KEY: 'a-secret-of-the-tests',
};
const as = (user: User) => ({ context: contextOf({ actor: actorOf(user) }) });

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A fake bucket that records requests and responds as the test says. */
async function bucketStub(answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const question = { method, url, headers, body: Buffer.concat(chunks) };
      asked.push(question);
      answer(question, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanupOnce(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { asked, endpoint: `http://127.0.0.1:${port}` };
}

/** A complete S3 server that accepts every signature. */
async function realBucket(): Promise<string> {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const { port } = new URL(endpoint);
  const program = join(__dirname, '../../../../../node_modules/fauxqs/dist/server.js');
  const server = spawnProcess(program, { env: { FAUXQS_PORT: port } });
  await server.waitForOutput(/listening/i, 30_000);
  expect((await fetch(`${endpoint}/${named.S3_BUCKET}`, { method: 'PUT' })).status).toBe(200);
  return endpoint;
}

const authWith = async (variables: Record<string, string>): Promise<TestAuth> =>
  startAuth(await startServers(), { ...named, ...variables });

it('stores, shows, replaces and removes a picture, and never leaves more than one in the bucket', async () => {
  const endpoint = await realBucket();
  const auth = await authWith({ S3_ENDPOINT: endpoint });
  const keys = async () => [...(await (await fetch(`${endpoint}/pictures`)).text()).matchAll(/<Key>([^<]+)/g)];
  const user = await auth.aUser();
  const [first, second] = await Promise.all([aPicture(), aPicture()]);

  const { avatarUrl } = await auth.rpc.call(storeAvatar, { picture: first.picture }, as(user));
  const shown = await fetch(avatarUrl ?? '');
  expect(shown.headers.get('content-type')).toBe('image/webp');
  expect(Buffer.from(await shown.arrayBuffer()).equals(first.bytes)).toBe(true);

  const replaced = await auth.rpc.call(storeAvatar, { picture: second.picture }, as(user));
  expect(Buffer.from(await (await fetch(replaced.avatarUrl ?? '')).arrayBuffer()).equals(second.bytes)).toBe(true);
  await eventually(async () => (await keys()).length === 1);
  expect((await fetch(avatarUrl ?? '')).status).toBe(404);

  await auth.rpc.call(removeAvatar, {}, as(user));
  await eventually(async () => (await keys()).length === 0);
  expect(await auth.rpc.call(getProfile, {}, as(user))).toMatchObject({ avatarUrl: null });
});

it('stores private, encrypted objects under random names, with URLs that are valid for at most fifteen minutes', async () => {
  const stub = await bucketStub((_asked, response) => response.writeHead(200, { etag: '"x"' }).end());
  const auth = await authWith({ S3_ENDPOINT: stub.endpoint });
  const user = await auth.aUser();
  const { bytes, picture } = await aPicture();
  const { avatarUrl } = await auth.rpc.call(storeAvatar, { picture }, as(user));
  const [put, ...others] = stub.asked;
  expect(others).toEqual([]);
  expect(put).toMatchObject({
    method: 'PUT',
    url: expect.stringMatching(/^\/pictures\/avatars\/[\da-f]{8}-[\da-f]{4}-4[\da-f-]{21}\.webp\b/),
    headers: {
      authorization: expect.stringContaining('/eu-central-1/s3/aws4_request'),
      'content-type': 'image/webp',
      'cache-control': expect.stringContaining('private'),
      'x-amz-server-side-encryption': 'AES256',
    },
  });
  expect(put?.body.equals(bytes)).toBe(true);
  expect(Object.keys(put?.headers ?? {}).filter((name) => /acl|grant/.test(name))).toEqual([]);
  expect(put?.url).not.toContain(user.id);

  const { pathname, searchParams } = new URL(avatarUrl ?? '');
  expect(pathname).toBe(put?.url.split('?')[0]);
  expect(Number(searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(900);
  expect(searchParams.get('X-Amz-Signature')).toMatch(/^[\da-f]{64}$/);
  expect(searchParams.get('X-Amz-Credential')).toContain(named.S3_ACCESS_KEY_ID);
  expect(avatarUrl).not.toContain(named.S3_SECRET_ACCESS_KEY);
});

it('encrypts with a KMS key if one is configured', async () => {
  const stub = await bucketStub((_asked, response) => response.writeHead(200, { etag: '"x"' }).end());
  const auth = await authWith({ S3_ENDPOINT: stub.endpoint, S3_KMS_KEY_ID: 'alias/pictures' });
  await auth.rpc.call(storeAvatar, { picture: (await aPicture()).picture }, as(await auth.aUser()));
  expect(stub.asked[0]?.headers).toMatchObject({
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'alias/pictures',
  });
});

it('sends no request to the bucket for users without a picture, or to show one', async () => {
  const stub = await bucketStub((_asked, response) => response.writeHead(200, { etag: '"x"' }).end());
  const auth = await authWith({ S3_ENDPOINT: stub.endpoint });
  const user = await auth.aUser();
  await auth.signIn(user);
  await auth.rpc.call(updateProfile, { avatarUrl: 'https://gravatar.com/a.png' }, as(user));
  expect(stub.asked).toEqual([]);
  await auth.rpc.call(storeAvatar, { picture: (await aPicture()).picture }, as(user));
  for (let time = 0; time < 3; time++) {
    expect((await auth.rpc.call(getProfile, {}, as(user))).avatarUrl).toContain('X-Amz-Signature=');
  }
  expect(stub.asked).toHaveLength(1);
});

it.each<[string, (response: ServerResponse) => void, number]>([
  ['fails', (response) => response.writeHead(500).end(), 2],
  ['refuses', (response) => response.writeHead(403).end(), 1],
  ['does not respond', () => undefined, 2],
])(
  'returns 503 within the deadline and keeps the picture if the bucket %s, after a limited number of attempts',
  async (_how, fail, attempts) => {
    let isDown = false;
    const stub = await bucketStub((_asked, response) => {
      if (isDown) fail(response);
      else response.writeHead(200, { etag: '"x"' }).end();
    });
    const auth = await authWith({ S3_ENDPOINT: stub.endpoint });
    const user = await auth.aUser();
    const before = await auth.rpc.call(storeAvatar, { picture: (await aPicture()).picture }, as(user));
    isDown = true;
    const upload = auth.rpc.call(storeAvatar, { picture: (await aPicture()).picture }, as(user));
    await expect(upload).rejects.toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 5 });
    expect(stub.asked.filter(({ method }) => method === 'PUT')).toHaveLength(1 + attempts);
    const path = (address: string | null) => new URL(address ?? '').pathname;
    expect(path((await auth.rpc.call(getProfile, {}, as(user))).avatarUrl)).toBe(path(before.avatarUrl));
  },
);

it('retries a failed deletion of an object', async () => {
  let refusals = 2;
  const stub = await bucketStub(({ method }, response) => {
    if (method === 'DELETE' && refusals-- > 0) response.writeHead(403).end();
    else response.writeHead(method === 'DELETE' ? 204 : 200, { etag: '"x"' }).end();
  });
  const auth = await authWith({ S3_ENDPOINT: stub.endpoint });
  const user = await auth.aUser();
  await auth.rpc.call(storeAvatar, { picture: (await aPicture()).picture }, as(user));
  await auth.rpc.call(removeAvatar, {}, as(user));
  const deletions = () => stub.asked.filter(({ method }) => method === 'DELETE').map(({ url }) => url.split('?')[0]);
  await eventually(() => deletions().length === 3, { timeoutMs: 60_000 });
  expect(new Set(deletions())).toEqual(new Set([stub.asked[0]?.url.split('?')[0]]));
});
