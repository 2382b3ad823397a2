import { z } from 'zod';
import { bearer, publicUrl, startGateway, type TestGateway } from '../../test/gateway';
import { say, sayAndParse, type RawResponse } from '../../test/raw-http';

let gateway: TestGateway;
let withCors: TestGateway;
beforeAll(async () => {
  [gateway, withCors] = await Promise.all([
    startGateway(),
    startGateway({ variables: { CORS_ORIGINS: 'https://console.acme.test' } }),
  ]);
  await gateway.application.listen(0, '127.0.0.1');
});

const request = (line: string, headers: readonly string[], body = '') =>
  sayAndParse(
    gateway.port(),
    Buffer.from([`${line} HTTP/1.1`, ...headers, 'Connection: close', '', body].join('\r\n'), 'latin1'),
  );
const get = (...headers: string[]) => request('GET /api/v1/auth/oauth/providers', headers);
const postBody = (body: string, ...headers: string[]) =>
  request('POST /api/v1/auth/register', ['Host: a', 'Content-Type: application/json', ...headers], body);
const post = (...headers: string[]) => postBody('{}', ...headers);

function expectProblem(response: RawResponse, status: number, code: string): void {
  expect(response.status).toBe(status);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.headers['x-content-type-options']).toBe('nosniff');
  const body: unknown = JSON.parse(response.body);
  expect(body).toMatchObject({
    type: `${publicUrl}/problems/${code}`,
    code,
    requestId: response.headers['x-request-id'],
  });
}

describe('the Host header', () => {
  it.each(['a', 'app.acme.test', 'app.acme.test:443', '127.0.0.1:3000', '[::1]:3000', 'auth_service'])(
    'can be %s',
    async (host) => expect((await get(`Host: ${host}`)).status).toBe(200),
  );

  it.each<[string, string[]]>([
    ['twice', ['Host: a', 'Host: b']],
    ['twice and equal', ['Host: a', 'host: a']],
    ['missing', []],
    ['empty', ['Host:']],
    ['of two names', ['Host: a b']],
    ['a list', ['Host: a,b']],
    ['with a user', ['Host: user@a']],
    ['a URL', ['Host: http://a/']],
    ['not ASCII', ['Host: b\xfccher.example']],
    ['with a port that is no number', ['Host: a:b']],
  ])('is refused as malformed_request: %s', async (_what, headers) => {
    expectProblem(await get(...headers), 400, 'malformed_request');
  });

  it('is optional in HTTP/1.0', async () => {
    const response = await sayAndParse(gateway.port(), 'GET /api/v1/auth/oauth/providers HTTP/1.0\r\n\r\n');
    expect(response.status).toBe(200);
  });
});

describe('a header that must be unique', () => {
  it.each([
    'Authorization: Bearer a',
    'Content-Type: text/plain',
    'Idempotency-Key: a',
    'Origin: https://app.acme.test',
    'Sec-Fetch-Site: same-origin',
    'X-CSRF-Token: a',
    'X-Session-Mode: cookie',
  ])('is refused when it is repeated: %s', async (header) => {
    expectProblem(await get('Host: a', header, header), 400, 'malformed_request');
  });

  it('is refused when it is a repeated Content-Length, even with equal values', async () => {
    expectProblem(await post('Content-Length: 2', 'Content-Length: 2'), 400, 'malformed_request');
  });

  it('is accepted once, next to headers that can be repeated', async () => {
    const often = ['Accept: text/html', 'Accept: */*', 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-For: 192.0.2.2'];
    expect((await get('Host: a', 'Authorization: Bearer a', ...often)).status).toBe(200);
  });
});

describe('a transfer coding', () => {
  it('is refused unless it is chunked, because its body would not be decoded', async () => {
    const response = await postBody('2\r\n{}\r\n0\r\n\r\n', 'Transfer-Encoding: gzip, chunked');
    expectProblem(response, 400, 'malformed_request');
  });

  it('is refused in HTTP/1.0, which has none', async () => {
    const head = 'POST /api/v1/auth/register HTTP/1.0\r\nContent-Type: application/json\r\n';
    const body = 'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n';
    expectProblem(await sayAndParse(gateway.port(), head + body), 400, 'malformed_request');
  });
});

describe('a connection with an invalid body', () => {
  it('is closed without a second response if the first was sent', async () => {
    const response = await postBody('zz\r\n{}\r\n', 'Transfer-Encoding: chunked', 'Expect: foo');
    expectProblem(response, 417, 'expectation_failed');
  });

  it('gets a response if none was sent', async () => {
    expectProblem(await postBody('zz\r\n{}\r\n', 'Transfer-Encoding: chunked'), 400, 'malformed_request');
  });

  it('is closed during a response, because a second one would be mistaken for it', async () => {
    const first = 'GET /api/v1/auth/oauth/providers HTTP/1.1\r\nHost: a\r\n\r\n';
    expect(await say(gateway.port(), `${first}NONSENSE\r\n\r\n`)).not.toContain('HTTP/1.1 400');
  });
});

describe('an expectation', () => {
  it.each(['foo', '100-continued', 'status=200'])(
    'causes expectation_failed unless it is 100-continue: %s',
    async (value) => {
      expectProblem(await post(`Expect: ${value}`, 'Content-Length: 2'), 417, 'expectation_failed');
    },
  );

  it('next to 100-continue is refused after 100 Continue', async () => {
    const response = await post('Expect: 100-continue, foo', 'Content-Length: 2');
    expect(response.status).toBe(100);
    expect(response.body).toMatch(/^HTTP\/1\.1 417 /);
  });

  it('of 100-continue is met before the response', async () => {
    const response = await post('Expect: 100-Continue', 'Content-Length: 2');
    expect(response.status).toBe(100);
    expect(response.body).toMatch(/^HTTP\/1\.1 422 /);
  });
});

describe('a query that is not UTF-8', () => {
  it.each(['?x=%E9', '?%E9=x', '?x=%', '?x=%zz', '?x=%ED%A0%80', '?x=%C0%AF'])(
    'causes malformed_request: %s',
    async (query) => {
      const response = await request(`GET /api/v1/auth/oauth/providers${query}`, ['Host: a']);
      expectProblem(response, 400, 'malformed_request');
    },
  );

  it('is distinguished from a valid query', async () => {
    const response = await request('GET /api/v1/auth/oauth/providers?x=caf%C3%A9+%F0%9F%90%8E', ['Host: a']);
    expect(response.status).toBe(200);
  });

  it.each(['/api/v1/caf\xe9', '/api/v1/auth/oauth/providers?x=caf\xe9', '/api/v1/caf%E9'])(
    'is refused like an invalid path: %s',
    async (target) => expectProblem(await request(`GET ${target}`, ['Host: a']), 400, 'malformed_request'),
  );
});

describe('a method without a route', () => {
  it.each(['TRACE', 'PROPFIND', 'OPTIONS'])(
    'causes method_not_allowed for %s, and Allow lists the others',
    async (method) => {
      const response = await request(`${method} /api/v1/users/me`, ['Host: a']);
      expectProblem(response, 405, 'method_not_allowed');
      expect(response.headers['allow']).toBe('GET, HEAD, PATCH');
    },
  );

  it('gets a response to CONNECT before the connection is closed', async () => {
    const response = await request('CONNECT evil.example:443', ['Host: evil.example:443']);
    expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers['allow']).toBe('');
  });

  it('causes not_found for OPTIONS of the whole server', async () => {
    expectProblem(await request('OPTIONS *', ['Host: a']), 404, 'not_found');
  });

  it.each(['websocket', 'h2c'])('is ignored when a request asks to upgrade to %s', async (protocol) => {
    const head = 'GET /api/v1/users/me HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\n';
    expectProblem(await sayAndParse(gateway.port(), `${head}Upgrade: ${protocol}\r\n\r\n`), 401, 'unauthenticated');
  });
});

describe('with CORS', () => {
  const options = (url: string, headers: Record<string, string> = {}) =>
    withCors.ask({ method: 'OPTIONS', url, headers });

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an origin', { origin: 'https://console.acme.test' }],
    ['a method', { 'access-control-request-method': 'GET' }],
  ])('refuses OPTIONS with %s as a problem, because it is no preflight', async (_what, headers) => {
    const response = await options('/api/v1/users/me', headers);
    expect(response).toMatchObject({ status: 405, json: { code: 'method_not_allowed' } });
    expect(response.headers).toMatchObject({ allow: 'GET, HEAD, PATCH', 'cache-control': 'no-store' });
    for (const url of ['/nowhere', '*', '/'])
      expect(await options(url, headers)).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });

  it('refuses OPTIONS on every path of the API', async () => {
    const { json } = await withCors.ask({ method: 'GET', url: '/api/v1/openapi.json' });
    const { paths } = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(json);
    for (const path of Object.keys(paths)) {
      const response = await options(path.replaceAll(/\{\w+\}/g, 'x'));
      expect({ path, status: response.status }).toEqual({ path, status: 405 });
    }
  });

  it('returns not_found for an unknown path', async () => {
    const headers = bearer(await withCors.tokens.sign());
    const response = await withCors.ask({ method: 'GET', url: '/api/v1/nowhere', headers });
    expect(response).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });
});
