import { request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { startGateway, type TestGateway } from '../../test/gateway';

let gateway: TestGateway;
let port: number;
beforeAll(async () => {
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1000' } });
  await gateway.application.listen(0, '127.0.0.1');
  port = Number(new URL(await gateway.application.getUrl()).port);
});

const chunk = Buffer.alloc(64 * 1_024, 'a');

/** Sends a body in chunks without reading the response in between, and asks for the connection to be closed. */
async function refusedUpload(chunks: number) {
  const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': chunk.length * chunks };
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  const options = { host: '127.0.0.1', port, method: 'PUT', path: '/api/v1/users/me/avatar', headers, agent: false };
  const outgoing = send(options, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
  });
  outgoing.on('error', reject);
  for (let index = 0; index < chunks; index++) {
    await new Promise((done) => outgoing.write(chunk, done));
  }
  outgoing.end();
  return promise;
}

it('tells a client that closes the connection why a long upload is refused', async () => {
  for (let attempt = 0; attempt < 20; attempt++) {
    expect(await refusedUpload(64)).toMatchObject({ status: 401, body: expect.stringContaining('unauthenticated') });
  }
});

it('responds within its timeout when the rest of a refused body never arrives', async () => {
  const outgoing = send({
    host: '127.0.0.1',
    port,
    method: 'PUT',
    path: '/api/v1/users/me/avatar',
    headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 1_000 },
    agent: false,
  });
  outgoing.on('error', () => {});
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  outgoing.on('response', (response) => resolve(response.statusCode));
  outgoing.write('{');
  expect(await promise).toBe(401);
  outgoing.destroy();
});
