import type { RequestOf, storeAvatar } from '#libs/contracts';
import sharp from 'sharp';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { fileForm, plain } from '../../../test/pictures';
import { agreeableAuth, refuse, userWith } from '../../../test/stub-services';
import { testUserId } from '../../../test/tokens';

const url = '/api/v1/users/me/avatar';
const ourPage = { origin: 'https://app.acme.test', 'sec-fetch-site': 'same-origin' };

let gateway: TestGateway;
let photo: Buffer;
let stored: RequestOf<typeof storeAvatar>[];
beforeAll(async () => {
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1000' } });
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

async function browser() {
  const { cookies } = await gateway.ask({
    method: 'POST',
    url: '/api/v1/auth/login',
    headers: { 'x-session-mode': 'cookie', ...ourPage },
    body: { email: 'ada@example.com', password: 'x' },
  });
  const { '__Host-csrf': csrf = '' } = cookies;
  return { cookie: `__Host-access=${cookies['__Host-access'] ?? ''}; __Host-csrf=${csrf}`, csrf };
}

describe('uploading a picture', () => {
  it('sends auth a WebP once for the signed-in user and returns the user', async () => {
    const response = await upload(fileForm(photo));
    expect(response).toMatchObject({ status: 200, json: userWith({ id: testUserId }) });
    expect(stored).toHaveLength(1);
    const picture = Buffer.from(stored[0]?.picture ?? '', 'base64');
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'webp', width: 64, height: 64 });
  });

  it('uses the bytes, whatever name and type are declared', async () => {
    for (const [name, type] of [
      ['x.svg', 'image/svg+xml'],
      ['../../etc/passwd', 'text/html'],
      ['', 'application/octet-stream'],
    ]) {
      expect((await upload(fileForm(photo, name, type))).status).toBe(200);
    }
  });

  it.each([
    ['an SVG with a script', 'me.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'],
    ['an SVG that says it is a PNG', 'me.png', 'image/png', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'],
    ['a page that says it is a JPEG', 'me.jpg', 'image/jpeg', '<html><script>alert(1)</script></html>'],
    ['an empty file', 'me.jpg', 'image/jpeg', ''],
  ])('refuses %s', async (_what, name, type, content) => {
    expect(await upload(fileForm(content, name, type))).toMatchObject({
      status: 422,
      json: { code: 'image_rejected' },
    });
    expect(stored).toEqual([]);
  });

  it('passes on errors of the auth service', async () => {
    gateway.auth.storeAvatar = refuse('unauthenticated');
    expect(await upload(fileForm(photo))).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    gateway.auth.storeAvatar = refuse('service_unavailable', { retryAfterSeconds: 5 });
    expect(await upload(fileForm(photo))).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});

describe('access to the upload', () => {
  it('needs a session', async () => {
    expect(await upload(fileForm(photo), {})).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    expect(await upload(fileForm(photo), bearer('a.b.c'))).toMatchObject({ status: 401 });
  });

  it('is allowed to a browser with the CSRF token, from our page', async () => {
    const { cookie, csrf } = await browser();
    expect((await upload(fileForm(photo), { cookie, ...ourPage, 'x-csrf-token': csrf })).status).toBe(200);
  });

  it.each<[string, (csrf: string) => Record<string, string>]>([
    ['without the token', () => ourPage],
    ['with a changed token', (csrf) => ({ ...ourPage, 'x-csrf-token': `${csrf.slice(0, -2)}AA` })],
    ['with the token, from another site', (csrf) => ({ origin: 'https://evil.test', 'x-csrf-token': csrf })],
    ['from another site', () => ({ origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })],
  ])('is denied to a browser %s, for upload and removal', async (_how, headers) => {
    const { cookie, csrf } = await browser();
    const removed: unknown[] = [];
    gateway.auth.removeAvatar = async (input) => (removed.push(input), null);
    const credentials = { cookie, ...headers(csrf) };
    const forged = { status: 403, json: { code: 'csrf_failed' } };
    expect(await upload(fileForm(photo), credentials)).toMatchObject(forged);
    expect(await gateway.ask({ method: 'DELETE', url, headers: credentials })).toMatchObject(forged);
    expect([stored, removed]).toEqual([[], []]);
  });
});

describe('removing the picture', () => {
  it('returns 204 whether there was one or not', async () => {
    const headers = bearer(await gateway.tokens.sign());
    expect(await gateway.ask({ method: 'DELETE', url, headers })).toMatchObject({ status: 204, body: '' });
    expect(await gateway.ask({ method: 'DELETE', url })).toMatchObject({ status: 401 });
  });
});

describe('the signed URL of a picture', () => {
  const id = '01890a5d-ac96-474b-bcce-b302099a8057';
  const address = `/api/v1/avatars/${id}?expires=1764000000&signature=abc`;

  it('shows the picture to everyone who has the URL, and can be cached until it expires', async () => {
    const webp = await plain().webp().toBuffer();
    const asked: unknown[] = [];
    gateway.auth.getAvatar = async (input) => {
      asked.push(input);
      return { picture: webp.toString('base64'), expiresInSeconds: 700 };
    };
    const response = await gateway.ask({ method: 'GET', url: address });
    expect(response.status).toBe(200);
    expect(response.bytes.equals(webp)).toBe(true);
    expect(response.headers).toMatchObject({
      'content-type': 'image/webp',
      'content-disposition': 'inline',
      'cache-control': 'private, max-age=700',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(asked).toEqual([{ id, expires: '1764000000', signature: 'abc' }]);
    expect(await gateway.ask({ method: 'HEAD', url: address })).toMatchObject({ status: 200, body: '' });
  });

  it('returns 404 without caching if auth does not know it', async () => {
    const response = await gateway.ask({ method: 'GET', url: address });
    expect(response).toMatchObject({
      status: 404,
      json: { code: 'not_found' },
      headers: { 'cache-control': 'no-store' },
    });
  });

  it.each(['..%2f..%2fetc%2fpasswd', '%2e%2e', 'a%00b', '..%5c..%5cwindows'])(
    'returns 404 for a path as the id: %s',
    async (name) => {
      const response = await gateway.ask({ method: 'GET', url: `/api/v1/avatars/${name}?expires=1&signature=x` });
      expect(response.status).toBe(404);
    },
  );

  it('is refused without its query', async () => {
    expect((await gateway.ask({ method: 'GET', url: `/api/v1/avatars/${id}` })).status).toBe(422);
  });
});
