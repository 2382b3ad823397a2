import type { RequestOf, storeAvatar } from '#libs/contracts';
import { cleanupOnce, eventually } from '#libs/testing';
import { connect, type Socket } from 'node:net';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { fileForm, form, plain } from '../../../test/pictures';
import { agreeableAuth, userWith } from '../../../test/stub-services';
import { longestFile } from './upload';

const url = '/api/v1/users/me/avatar';

let gateway: TestGateway;
let photo: Buffer;
let stored: RequestOf<typeof storeAvatar>[];
beforeAll(async () => {
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1000' } });
  await gateway.application.listen(0, '127.0.0.1');
  photo = await plain().jpeg().toBuffer();
});
beforeEach(() => {
  stored = [];
  Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
  gateway.auth.storeAvatar = async (input, { actor }) => (stored.push(input), userWith({ id: actor.userId }));
});

async function upload({ body, headers }: Pick<TestRequest, 'body' | 'headers'>, credentials?: Record<string, string>) {
  const who = credentials ?? bearer(await gateway.tokens.sign());
  return gateway.ask({ method: 'PUT', url, headers: { ...who, ...headers }, ...(body === undefined ? {} : { body }) });
}

describe('the upload form', () => {
  const file = () => ({ name: 'file', content: photo, file: 'me.jpg', type: 'image/jpeg' });

  it.each<[string, () => Pick<TestRequest, 'body' | 'headers'>, object]>([
    ['two files', () => form(file(), file()), { path: 'file', code: 'too_many' }],
    ['a field beside the file', () => form(file(), { name: 'admin', content: '1' }), { path: 'admin' }],
    ['a field before the file', () => form({ name: 'admin', content: '1' }, file()), { path: 'admin' }],
    [
      'a file under another name',
      () => form({ ...file(), name: 'picture' }),
      { path: 'picture', code: 'unknown_field' },
    ],
    ['a hostile name', () => form({ ...file(), name: '__proto__' }), { path: '__proto__', code: 'unknown_field' }],
    [
      'a name that is cut within a character',
      () => form({ ...file(), name: `${'x'.repeat(99)}😀` }),
      { path: `${'x'.repeat(99)}\u{fffd}` },
    ],
    ['text instead of a file', () => form({ name: 'file', content: 'text' }), { path: 'file', code: 'unknown_field' }],
    ['nothing', () => form(), { path: 'file', code: 'required' }],
  ])('is refused with %s, and the error names the field', async (_what, fields, error) => {
    const response = await upload(fields());
    expect(response).toMatchObject({ status: 422, json: { code: 'validation_failed', errors: [error] } });
    expect(stored).toEqual([]);
  });

  it.each<[string, Pick<TestRequest, 'body' | 'headers'>]>([
    ['JSON', { body: { file: 'x' } }],
    ['a picture without a form', { body: Buffer.from('x'), headers: { 'content-type': 'image/png' } }],
    ['a form of the other kind', { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['nothing at all', {}],
  ])('is required: %s causes unsupported_media_type', async (_what, request) => {
    expect(await upload(request)).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  it('causes malformed_request if it is damaged', async () => {
    const { body, headers } = fileForm(photo);
    for (const damaged of [
      { body, headers: { 'content-type': 'multipart/form-data' } },
      { body, headers: { 'content-type': 'multipart/form-data; boundary=another' } },
      { body: body.subarray(0, 150), headers },
      { body: Buffer.from('no form'), headers },
    ]) {
      expect(await upload(damaged)).toMatchObject({ status: 400, json: { code: 'malformed_request' } });
    }
  });

  it('can hold a file of five megabytes, and one byte more causes payload_too_large', async () => {
    const full = Buffer.concat([photo, Buffer.alloc(longestFile - photo.length)]);
    expect((await upload(fileForm(full))).status).toBe(200);
    const over = { status: 413, json: { code: 'payload_too_large' } };
    expect(await upload(fileForm(Buffer.concat([full, Buffer.alloc(1)])))).toMatchObject(over);
    expect(await upload(fileForm(Buffer.alloc(6_000_000)))).toMatchObject(over);
  });

  it('is limited to five megabytes even without a declared length', async () => {
    const { body, headers } = fileForm(Buffer.alloc(12_000_000));
    const response = await fetch(`http://127.0.0.1:${gateway.port()}${url}`, {
      method: 'PUT',
      headers: { ...headers, ...bearer(await gateway.tokens.sign()) },
      body: new Blob([body]).stream(),
      duplex: 'half',
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'payload_too_large' });
  });

  it.each(['/api/v1/auth/login', '/api/v1/auth/register'])('is refused by other routes: %s', async (elsewhere) => {
    const { body, headers } = fileForm(photo);
    const response = await gateway.ask({ method: 'POST', url: elsewhere, headers, body });
    expect(response).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  it('is refused by other methods and routes of the same resource', async () => {
    const { body, headers } = fileForm(photo);
    const who = bearer(await gateway.tokens.sign());
    const ask = (method: 'POST' | 'PATCH' | 'DELETE', at: string) =>
      gateway.ask({ method, url: at, headers: { ...who, ...headers }, body });
    expect((await ask('PATCH', '/api/v1/users/me')).status).toBe(415);
    expect((await ask('DELETE', url)).status).toBe(415);
    expect([405, 415]).toContain((await ask('POST', url)).status);
  });
});

describe('an upload that is not read to its end', () => {
  /** Sends the head and the first bytes of an upload of three megabytes. */
  async function begin(credentials: Record<string, string>): Promise<{ socket: Socket; heard: () => string }> {
    const { body, headers } = fileForm(Buffer.alloc(3_000_000));
    const lines = Object.entries({ host: 'a', 'content-length': String(body.length), ...headers, ...credentials });
    let heard = '';
    const socket = connect(gateway.port(), '127.0.0.1');
    cleanupOnce(async () => void socket.destroy());
    socket.on('data', (data) => (heard += data.toString())).on('error', () => undefined);
    socket.write(`PUT ${url} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    socket.write(body.subarray(0, 100_000));
    return { socket, heard: () => heard };
  }

  it('is refused before it is complete if the user is not signed in', async () => {
    const { socket, heard } = await begin({});
    await eventually(() => heard().startsWith('HTTP/1.1 401 '));
    socket.destroy();
  });

  it('occupies one of sixteen places until its client disconnects, and does not affect other requests', async () => {
    const credentials = bearer(await gateway.tokens.sign());
    const begun: Awaited<ReturnType<typeof begin>>[] = [];
    const refusal = await eventually(async () => {
      // One more than allowed, plus one for each that got a response, such as 503 while the gateway can't verify
      // tokens.
      const answered = begun.filter(({ heard }) => heard() !== '').length;
      for (let held = begun.length - answered; held < 17; held++) begun.push(await begin(credentials));
      const response = await upload(fileForm(photo));
      return response.status === 503 && response.headers['retry-after'] === '5' && response;
    });
    expect(refusal).toMatchObject({ json: { code: 'service_unavailable' } });
    const other = () => gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers: credentials });
    await eventually(async () => (await other()).status === 200);
    for (const { socket } of begun) socket.destroy();
    await eventually(async () => (await upload(fileForm(photo))).status === 200);
  });
});
