import { errorCatalogue } from '#libs/contracts';
import { z } from 'zod';
import { startGateway, type TestGateway } from '../../test/gateway';
import { RouteTable } from '../problem/route-table';

const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  requestBody: z
    .looseObject({ required: z.boolean(), content: z.record(z.string(), z.looseObject({ schema: z.unknown() })) })
    .optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.looseObject({
      description: z.string().min(1),
      headers: z.record(z.string(), z.unknown()),
      content: z.record(z.string(), z.looseObject({ schema: z.looseObject({}) })).optional(),
    }),
  ),
});
const document = z.looseObject({
  openapi: z.string().regex(/^3\.1\.\d$/),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(
    z.string().startsWith('/'),
    z.record(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation.optional()),
  ),
  components: z.looseObject({
    schemas: z.record(z.string(), z.looseObject({})),
    headers: z.record(z.string(), z.unknown()),
  }),
});

let gateway: TestGateway;
let description: z.output<typeof document>;
beforeAll(async () => {
  gateway = await startGateway();
  const answer = await gateway.ask({ method: 'GET', url: '/api/v1/openapi.json' });
  expect(answer.status).toBe(200);
  description = document.parse(answer.json);
});

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, details]) => (details === undefined ? [] : [{ path, method, details }])),
  );

describe('the description of the API', () => {
  it('has every route that the server answers, and no other', () => {
    const served = gateway.application
      .get(RouteTable)
      .list()
      .filter(({ method, path }) => method !== 'HEAD' && /^\/(api|\.well-known)\//.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const described = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(described.sort()).toEqual(served.sort());
    expect(described).toContain('POST /api/v1/auth/login');
  });

  it('gives each operation a name of its own', () => {
    const names = operations().map(({ details }) => details.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refers to nothing that it does not hold', () => {
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, kind, name] of references) {
      expect(
        Object.keys(kind === 'headers' ? description.components.headers : description.components.schemas),
      ).toContain(name);
    }
    expect(JSON.stringify(description)).not.toContain('#/$defs/');
  });

  it('names the schemas that have a name', () => {
    expect(Object.keys(description.components.schemas).sort()).toEqual([
      'AccessToken',
      'AdminOrganization',
      'AdminUser',
      'AdminUserDetails',
      'ApiKey',
      'AuditEntry',
      'CookieSession',
      'CreatedApiKey',
      'CsrfToken',
      'DeadLetter',
      'DeadLetterDetails',
      'Health',
      'Identity',
      'Invitation',
      'InvitationOutcome',
      'InvitationPreview',
      'Member',
      'MfaRequired',
      'OauthProvider',
      'Organization',
      'OwnershipTransfer',
      'Passkey',
      'PasskeyCreationOptions',
      'PasskeyRequestOptions',
      'Problem',
      'RecoveryCodes',
      'Role',
      'SecurityEvent',
      'Session',
      'SessionSummary',
      'TotpEnrollment',
      'User',
    ]);
  });

  it('says what each of them holds', () => {
    for (const schema of Object.values(description.components.schemas)) {
      expect(schema).toMatchObject({ type: 'object', properties: expect.any(Object), additionalProperties: false });
    }
    expect(description.components.schemas['User']?.['required']).toContain('emailVerified');
  });

  it('shows what a client may send, by the schema that validates it', () => {
    const login = description.paths['/api/v1/auth/login']?.post;
    expect(login?.requestBody?.content['application/json']?.schema).toMatchObject({
      type: 'object',
      required: ['email', 'password'],
      additionalProperties: false,
      properties: { email: { type: 'string', maxLength: 254, format: 'email' } },
    });
  });

  it('tells for each route which errors it may answer with, and how', () => {
    for (const { details } of operations()) {
      for (const [status, { content }] of Object.entries(details.responses)) {
        const schema = content?.['application/problem+json']?.schema;
        if (schema === undefined) continue;
        const codes = [...JSON.stringify(schema).matchAll(/"([a-z_]+)"/g)].map((match) => match[1]);
        const matching = Object.entries(errorCatalogue).filter(
          ([code, { status: of }]) => codes.includes(code) && String(of) === status,
        );
        expect(matching.length).toBeGreaterThan(0);
      }
      expect(Object.keys(details.responses)).toEqual(expect.arrayContaining(['429', '500', '503']));
      for (const { headers, content } of Object.values(details.responses)) {
        const says = JSON.stringify(content ?? null).match(
          /"(rate_limited|service_unavailable|idempotency_in_progress)"/,
        );
        if (says !== null) expect(headers).toHaveProperty('Retry-After');
      }
    }
    expect(description.paths['/api/v1/auth/login']?.post?.responses['401']?.description).toContain(
      'invalid_credentials',
    );
  });

  it('declares the refusal of a body, also where the route takes none', async () => {
    const headers = { 'content-type': 'text/plain' };
    const { status } = await gateway.ask({
      method: 'POST',
      url: '/api/v1/auth/passkeys/options',
      headers,
      body: 'a',
    });
    expect(status).toBe(415);
    const undeclared = operations().filter(({ method, details }) => method !== 'get' && !('415' in details.responses));
    expect(undeclared).toEqual([]);
  });

  it('says which routes need a session', () => {
    expect(description.paths['/api/v1/users/me']?.get?.security).toEqual([
      { bearer: [] },
      { cookie: [] },
      { apiKey: ['profile:read'] },
    ]);
    expect(description.paths['/api/v1/auth/password/change']?.post?.security).toEqual([{ bearer: [] }, { cookie: [] }]);
    expect(description.paths['/api/v1/auth/login']?.post?.security).toEqual([]);
  });
});
