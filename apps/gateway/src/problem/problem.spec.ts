import { errorCatalogue } from '#libs/contracts';
import { Client } from 'pg';
import {
  bearer,
  publicUrl,
  startGateway,
  type TestResponse,
  type TestRequest,
  type TestGateway,
} from '../../test/gateway';
import { say } from '../../test/raw-http';
import { refuse } from '../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ variables: { REQUEST_TIMEOUT: '1' } });
  await gateway.application.listen(0, '127.0.0.1');
});

const register = (body: TestRequest['body'], headers: Record<string, string> = {}) =>
  gateway.ask({ method: 'POST', url: '/api/v1/auth/register', headers, ...(body === undefined ? {} : { body }) });

const account = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };

function expectProblem(response: TestResponse, code: keyof typeof errorCatalogue): void {
  const { status, title } = errorCatalogue[code];
  expect(response.status).toBe(status);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.json).toMatchObject({ type: `${publicUrl}/problems/${code}`, title, status, code });
  expect(response.json).toMatchObject({ requestId: response.headers['x-request-id'] });
  expect(response.headers['cache-control']).toBe('no-store');
}

describe('a request that cannot be read', () => {
  it.each(['{"email":', 'null]', "{'email':1}"])('causes malformed_json with the body %s', async (body) => {
    expectProblem(await register(body, { 'content-type': 'application/json' }), 'malformed_json');
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml'])(
    'causes unsupported_media_type as %s',
    async (type) => {
      expectProblem(await register('email=ada', { 'content-type': type }), 'unsupported_media_type');
    },
  );

  it('causes payload_too_large above 100 kB and is read below', async () => {
    expectProblem(await register({ ...account, name: 'x'.repeat(102_400) }), 'payload_too_large');
    expectProblem(await register({ ...account, name: 'x'.repeat(100_000) }), 'validation_failed');
  });

  it.each(['/api/v1/%', '/api/v1/users/%C3%28', '/%E0%A4%A'])('causes malformed_request at %s', async (url) => {
    expectProblem(await gateway.ask({ method: 'GET', url }), 'malformed_request');
  });
});

describe('a request to an unknown URL', () => {
  it.each(['/', '/api/v1', '/api/v1/users', '/api/v1/users/me/', '/api/v2/users/me', '/.env', '/api/v1/..%2f..%2fetc'])(
    'causes not_found: %s',
    async (url) => {
      expectProblem(await gateway.ask({ method: 'GET', url }), 'not_found');
    },
  );

  it('causes method_not_allowed if the path has other methods, and Allow lists them', async () => {
    const response = await gateway.ask({ method: 'DELETE', url: '/api/v1/users/me?x=1' });
    expectProblem(response, 'method_not_allowed');
    expect(response.headers['allow']).toBe('GET, HEAD, PATCH');
    expect((await gateway.ask({ method: 'GET', url: '/api/v1/auth/login' })).headers['allow']).toBe('POST');
  });
});

describe('invalid fields', () => {
  const errorsOf = async (body: TestRequest['body']) => {
    const response = await register(body);
    expectProblem(response, 'validation_failed');
    return { response, json: response.json };
  };

  it('are each reported, including missing ones', async () => {
    const { json } = await errorsOf({ email: 'nobody', password: 'short' });
    expect(json).toMatchObject({
      errors: [
        { path: 'email', code: 'email_invalid', message: expect.any(String) },
        { path: 'password', code: 'password_too_short', message: expect.any(String) },
        { path: 'name', code: 'invalid_type', message: expect.any(String) },
      ],
    });
  });

  it('are reported when they are unknown', async () => {
    const { json } = await errorsOf({ ...account, role: 'admin', isAdmin: true });
    expect(json).toMatchObject({
      errors: [
        { path: 'role', code: 'unknown_field' },
        { path: 'isAdmin', code: 'unknown_field' },
      ],
    });
  });

  it.each([undefined, {}, [], [account], '"text"', '42', 'null'])('are refused in the body %j', async (body) => {
    const headers = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
    expectProblem(await register(body, headers), 'validation_failed');
  });

  it('are reported without their values', async () => {
    const { response } = await errorsOf({
      email: 'canary-1',
      password: 'canary',
      name: ['canary-2'],
      locale: 'canary-3',
    });
    expect(response.body).not.toContain('canary');
  });

  it('are reported up to a limit, however many and long they are', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${'k'.repeat(150)}${index}`, 1]));
    const { response } = await errorsOf(many);
    expect(response.body.length).toBeLessThan(20_000);
  });
});

describe('an error of a service', () => {
  it('reaches the client unchanged if the contract declares it', async () => {
    gateway.auth.login = refuse('email_not_verified');
    const response = await gateway.ask({
      method: 'POST',
      url: '/api/v1/auth/login',
      body: { email: 'a@b.example', password: 'x' },
    });
    expectProblem(response, 'email_not_verified');
  });

  it('becomes internal_error without details if it is unexpected', async () => {
    gateway.auth.getProfile = () => Promise.reject(new Error('relation "users" does not exist at 10.0.0.5'));
    const headers = bearer(await gateway.tokens.sign());
    const response = await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers });
    expectProblem(response, 'internal_error');
    expect(response.body).not.toMatch(/users"|10\.0\.0|stack| at \//);
  });
});

it('a service without its database causes service_unavailable, with a time to retry', async () => {
  gateway.auth.getProfile = async () => {
    await new Client({ host: '127.0.0.1', port: 1 }).connect();
    throw new Error('A database listens on port 1.');
  };
  const response = await gateway.ask({
    method: 'GET',
    url: '/api/v1/users/me',
    headers: bearer(await gateway.tokens.sign()),
  });
  expectProblem(response, 'service_unavailable');
  expect(response.headers['retry-after']).toBe('2');
  expect(response.body).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
});

describe('a connection with invalid HTTP', () => {
  it.each([
    [
      'headers over 16 kB',
      `GET / HTTP/1.1\r\nHost: a\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['garbage', 'NONSENSE\r\n\r\n', 400, 'malformed_request'],
    [
      'both lengths (request smuggling)',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'half a request, and waiting',
      'POST /api/v1/auth/register HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n',
      408,
      'request_timeout',
    ],
  ])('gets an error and is closed: %s', async (_what, text, status, code) => {
    const heard = await say(gateway.port(), text);
    const [head = '', body = ''] = heard.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code, requestId: expect.any(String) });
  });
});
