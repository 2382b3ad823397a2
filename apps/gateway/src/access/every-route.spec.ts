import { createApiKey } from '#libs/encryption';
import { z } from 'zod';
import { bearer, publicUrl, startGateway, type TestRequest, type TestGateway } from '../../test/gateway';

const parameter = z.object({ name: z.string(), in: z.string(), required: z.boolean() });
const operation = z.object({
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
});
const description = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });
const methods = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
const method = z.enum(['get', 'post', 'put', 'patch', 'delete']);

let gateway: TestGateway;
let routes: (z.output<typeof operation> & {
  title: string;
  request: TestRequest;
  closed: boolean;
  takesJson: boolean;
})[];
beforeAll(async () => {
  gateway = await startGateway();
  const { json } = await gateway.ask({ method: 'GET', url: '/api/v1/openapi.json' });
  routes = Object.entries(description.parse(json).paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([name, details]) => {
      const url = path.replaceAll(/\{\w+\}/g, '0199d1f0-0000-7000-8000-000000000000');
      const request = { method: methods[method.parse(name)], url };
      const takesJson = details.requestBody?.content['application/json'] !== undefined;
      return {
        ...details,
        title: `${request.method} ${path}`,
        request,
        closed: details.security.length > 0,
        takesJson,
      };
    }),
  );
});

const statusOf = async (request: TestRequest) => (await gateway.ask(request)).status;
const codeOf = async (request: TestRequest) =>
  z
    .object({ code: z.string() })
    .catch({ code: '' })
    .parse((await gateway.ask(request)).json).code;

/** A signed-in browser and its CSRF token. */
async function browser() {
  const { cookies } = await gateway.ask({
    method: 'POST',
    url: '/api/v1/auth/login',
    headers: { 'x-session-mode': 'cookie', origin: publicUrl },
    body: { email: 'ada@example.com', password: 'x' },
  });
  const cookie = ['__Host-access', '__Host-csrf'].map((name) => `${name}=${cookies[name] ?? ''}`).join('; ');
  return { cookie, csrf: cookies['__Host-csrf'] ?? '' };
}

it('refuses a caller without a token or with an invalid one on every closed route', async () => {
  const closed = routes.filter((route) => route.closed);
  expect(closed.length).toBeGreaterThan(10);
  for (const { title, request } of closed) {
    for (const headers of [{}, bearer('a.b.c'), { cookie: '__Host-access=a.b.c' }]) {
      expect({ title, status: await statusOf({ ...request, headers }) }).toEqual({ title, status: 401 });
    }
  }
});

it('refuses an API key with all scopes on every closed route without a scope, before validation', async () => {
  const sessionsOnly = routes.filter(({ closed, security }) => closed && !security.some((way) => 'apiKey' in way));
  expect(sessionsOnly.length).toBeGreaterThan(10);
  const headers = bearer(createApiKey().key);
  for (const { title, request } of sessionsOnly) {
    expect({ title, code: await codeOf({ ...request, headers }) }).toEqual({ title, code: 'insufficient_scope' });
  }
});

it('refuses a browser’s cookies without the CSRF token or from another site on every closed route that changes something', async () => {
  const { cookie, csrf } = await browser();
  const unsafe = routes.filter(({ closed, request }) => closed && request.method !== 'GET');
  expect(unsafe.length).toBeGreaterThan(10);
  for (const { title, request } of unsafe) {
    const attempts = [
      { cookie, origin: publicUrl },
      { cookie, origin: publicUrl, 'x-csrf-token': `${csrf}x` },
      { cookie, origin: 'https://evil.example', 'x-csrf-token': csrf },
    ];
    for (const headers of attempts) {
      expect({ title, code: await codeOf({ ...request, headers }) }).toEqual({ title, code: 'csrf_failed' });
    }
  }
});

it('refuses an unknown field, a form and a body of 2 MB on every route with a body', async () => {
  const authorized = bearer(await gateway.tokens.sign({ roles: ['staff:admin'] }));
  const withBody = routes.filter(({ takesJson }) => takesJson);
  expect(withBody.length).toBeGreaterThan(10);
  for (const { title, request } of withBody) {
    const ask = (body: string, type = 'application/json') =>
      codeOf({ ...request, body, headers: { ...authorized, 'content-type': type } });
    expect({ title, code: await ask('{"role":"admin","emailVerified":true,"id":"1"}') }).toEqual({
      title,
      code: 'validation_failed',
    });
    expect({ title, code: await ask('role=admin', 'application/x-www-form-urlencoded') }).toEqual({
      title,
      code: 'unsupported_media_type',
    });
    expect({ title, code: await ask(`{"a":"${'x'.repeat(2_000_000)}"}`) }).toEqual({
      title,
      code: 'payload_too_large',
    });
  }
});

it('returns 422 for an invalid id on every route with an id in its path', async () => {
  const authorized = bearer(await gateway.tokens.sign({ roles: ['staff:admin'] }));
  const withId = routes.filter(({ parameters }) =>
    parameters.some((each) => each.in === 'path' && /^(id|\w+Id)$/.test(each.name)),
  );
  expect(withId.length).toBeGreaterThan(0);
  for (const { title, request } of withId) {
    const url = request.url.replace('0199d1f0-0000-7000-8000-000000000000', 'not-an-id');
    const body = request.method === 'PATCH' ? { body: { name: 'x' } } : {};
    expect({ title, status: await statusOf({ ...request, url, headers: authorized, ...body }) }).toEqual({
      title,
      status: 422,
    });
  }
});
