import type { RequestContext } from '#libs/contracts';
import { z } from 'zod';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../test/gateway';

const description = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]) })),
  ),
  components: z.object({ headers: z.record(z.string(), z.unknown()) }),
});

const gatewayWith = (variables: Record<string, string> = {}) => startGateway({ variables });

/** Returns the context of the call that asks the auth service for the profile. */
async function contextOf(gateway: TestGateway, headers: Record<string, string>, more: Partial<TestRequest> = {}) {
  const contexts: RequestContext[] = [];
  const { getProfile } = gateway.auth;
  gateway.auth.getProfile = (input, context) => (contexts.push(context), getProfile(input, context));
  const authorization = bearer(await gateway.tokens.sign());
  const response = await gateway.ask({
    method: 'GET',
    url: '/api/v1/users/me',
    headers: { ...authorization, ...headers },
    ...more,
  });
  gateway.auth.getProfile = getProfile;
  expect(response.status).toBe(200);
  return { response, context: contexts[0] };
}

describe('the request context', () => {
  let gateway: TestGateway;
  beforeAll(async () => (gateway = await gatewayWith()));

  it('has the caller’s request id, which is also returned', async () => {
    const { response, context } = await contextOf(gateway, { 'x-request-id': 'order-42/retry:1' });
    expect(context?.requestId).toBe('order-42/retry:1');
    expect(response.headers['x-request-id']).toBe('order-42/retry:1');
  });

  it.each(['', 'x'.repeat(129), 'two words', '{"json":1}', 'ünï'])(
    'has a new request id instead of %j',
    async (offered) => {
      const { response, context } = await contextOf(gateway, { 'x-request-id': offered });
      expect(context?.requestId).toMatch(/^[\da-f-]{36}$/);
      expect(response.headers['x-request-id']).toBe(context?.requestId);
    },
  );

  it('has the caller’s traceparent if it is valid', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect((await contextOf(gateway, { traceparent })).context?.traceparent).toBe(traceparent);
    for (const bad of ['00-xyz', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `${traceparent}\tx`]) {
      expect((await contextOf(gateway, { traceparent: bad })).context?.traceparent).toBeNull();
    }
  });

  it('has the actor, language and client', async () => {
    const { context } = await contextOf(gateway, { 'accept-language': 'de-CH,de;q=0.9', 'user-agent': 'curl/8' });
    expect(context).toMatchObject({
      actor: {
        kind: 'session',
        userId: expect.any(String),
        sessionId: expect.any(String),
        authenticatedAt: expect.any(Number),
        organizationId: null,
        roles: [],
      },
      locale: 'de',
      client: { ip: '127.0.0.1', userAgent: 'curl/8', deviceId: null },
    });
    const { context: other } = await contextOf(gateway, { 'user-agent': 'x'.repeat(2_000) });
    expect(other?.client?.userAgent).toHaveLength(512);
    expect(other?.locale).toBe('en');
  });

  it('reaches the handler of a request with a body', async () => {
    const contexts: RequestContext[] = [];
    gateway.auth.register = async (_input, context) => (contexts.push(context), { status: 'verification_sent' });
    const body = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };
    await gateway.ask({ method: 'POST', url: '/api/v1/auth/register', headers: { 'x-request-id': 'with-body' }, body });
    expect(contexts[0]?.requestId).toBe('with-body');
  });
});

describe('the IP address of a client', () => {
  const forged = { 'x-forwarded-for': '203.0.113.66, 198.51.100.1, 10.0.0.7' };
  const addressOf = async (trust: string | undefined, remoteAddress: string) => {
    const gateway = await gatewayWith(trust === undefined ? {} : { TRUST_PROXY: trust });
    return (await contextOf(gateway, forged, { remoteAddress })).context?.client?.ip;
  };

  it.each<[string, string | undefined, string, string]>([
    [
      'without TRUST_PROXY is that of the connection, whatever X-Forwarded-For says',
      undefined,
      '192.0.2.1',
      '192.0.2.1',
    ],
    ['with TRUST_PROXY=false likewise', 'false', '192.0.2.1', '192.0.2.1'],
    ['behind one proxy is the last that X-Forwarded-For names', '1', '192.0.2.1', '10.0.0.7'],
    ['behind two proxies is the last but one', '2', '192.0.2.1', '198.51.100.1'],
    [
      'behind proxies of trusted networks is the first that is none',
      '10.0.0.0/8, 192.0.2.0/24',
      '192.0.2.1',
      '198.51.100.1',
    ],
    ['from outside of the trusted networks is that of the connection', '10.0.0.0/8', '192.0.2.1', '192.0.2.1'],
  ])('follows the rule: %s', async (_rule, trust, remoteAddress, expected) => {
    expect(await addressOf(trust, remoteAddress)).toBe(expected);
  });

  it('reaches the services without the port that a gateway in front adds, and never as free text', async () => {
    const gateway = await gatewayWith({ TRUST_PROXY: '1' });
    const ipFor = async (sent: string) =>
      (await contextOf(gateway, { 'x-forwarded-for': sent }, { remoteAddress: '::ffff:192.0.2.1' })).context?.client
        ?.ip;
    expect(await ipFor('203.0.113.7:40001')).toBe('203.0.113.7');
    expect(await ipFor('<script>alert(1)</script>')).toBe('192.0.2.1');
  });
});

describe('every response', () => {
  it('to a program forbids browsers to render, frame, sniff or store it', async () => {
    const gateway = await gatewayWith();
    for (const url of ['/api/v1/openapi.json', '/api/v1/users/me', '/nowhere']) {
      const { headers } = await gateway.ask({ method: 'GET', url });
      expect(headers).toMatchObject({
        'content-security-policy': "base-uri 'none';form-action 'none';frame-ancestors 'none';default-src 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['strict-transport-security']).toBeUndefined();
    }
  });

  it('requires HTTPS in production', async () => {
    const gateway = await gatewayWith({
      NODE_ENV: 'production',
      TRUST_PROXY: 'false',
      CSRF_SECRET: 'h4Lr0Vw2yKcT9qXbN7mZ1sJd5fGa8uEe',
      FIELD_ENCRYPTION_KEY: 'vC3kTqk0bJ5o6sW1t2mYzL8nQ4xR7uE9aB0dFgHiJkM=',
    });
    const { headers } = await gateway.ask({ method: 'GET', url: '/api/v1/users/me' });
    expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
  });
});

describe('pages of other origins', () => {
  let gateway: TestGateway;
  beforeAll(async () => (gateway = await gatewayWith({ CORS_ORIGINS: 'https://console.acme.test' })));

  const preflight = (origin: string, asked = 'x-csrf-token') => ({
    method: 'OPTIONS' as const,
    url: '/api/v1/users/me',
    headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': asked },
  });

  it('can send W3C trace context, so that a trace can start in the browser', async () => {
    const { headers } = await gateway.ask(preflight('https://console.acme.test', 'baggage,traceparent,tracestate'));
    const allowed = String(headers['access-control-allow-headers']).toLowerCase().split(', ');
    expect(allowed).toEqual(expect.arrayContaining(['baggage', 'traceparent', 'tracestate']));
  });

  it('can send and read every header in the OpenAPI document', async () => {
    const { json } = await gateway.ask({ method: 'GET', url: '/api/v1/openapi.json' });
    const { paths, components } = description.parse(json);
    const sent = Object.values(paths)
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ parameters }) => parameters.filter((parameter) => parameter.in === 'header'))
      .map(({ name }) => name);
    const origin = 'https://console.acme.test';
    const allowed = (await gateway.ask(preflight(origin))).headers['access-control-allow-headers'];
    const exposed = (await gateway.ask({ method: 'GET', url: '/api/v1/health', headers: { origin } })).headers[
      'access-control-expose-headers'
    ];
    expect(String(allowed).split(', ')).toEqual(expect.arrayContaining([...new Set(sent), 'X-CSRF-Token']));
    // No page can read Set-Cookie, and the browser itself follows Location.
    const readable = Object.keys(components.headers).filter((name) => !['Set-Cookie', 'Location'].includes(name));
    expect(readable).toContain('Content-Disposition');
    expect(String(exposed).split(', ')).toEqual(expect.arrayContaining(readable));
  });

  it('can call with cookies if their origin is on the list', async () => {
    const response = await gateway.ask(preflight('https://console.acme.test'));
    expect(response.status).toBe(204);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': 'https://console.acme.test',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': expect.stringContaining('X-CSRF-Token'),
    });
    const real = await gateway.ask({
      method: 'GET',
      url: '/api/v1/users/me',
      headers: { origin: 'https://console.acme.test' },
    });
    expect(real.headers['access-control-expose-headers']).toContain('X-Request-Id');
    expect(real.headers['vary']).toBe('Origin');
  });

  it.each(['https://evil.test', 'https://console.acme.test.evil.test', 'http://console.acme.test', 'null'])(
    'cannot call if their origin is not on the list: %s',
    async (origin) => {
      expect((await gateway.ask(preflight(origin))).headers['access-control-allow-origin']).toBeUndefined();
    },
  );
});
