import { errorCatalogue, errorCodes } from '#libs/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writtenDescription } from '../commands/openapi';
import { startGateway, type TestGateway } from '../../test/gateway';
import { RouteTable } from '../problem/route-table';

const reference = z.strictObject({ $ref: z.string() });
const media = z.record(z.string(), z.looseObject({ schema: z.looseObject({}).optional() }));
const response = z.looseObject({
  description: z.string().min(1),
  headers: z.record(z.string(), z.unknown()),
  content: media.optional(),
});
const operation = z.looseObject({
  operationId: z.string().regex(/^[a-z]\w+(\.[a-z]\w+)+$/),
  summary: z.string().min(1),
  description: z.string().min(1),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.string(), description: z.string().min(1), schema: z.unknown() }))
    .default([]),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  requestBody: z.looseObject({ required: z.boolean(), content: media }).optional(),
  responses: z.record(z.string().regex(/^([1-5]\d\d|default)$/), z.union([reference, response])),
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
    responses: z.record(z.string(), response),
    securitySchemes: z.record(z.string(), z.looseObject({ description: z.string().min(1) })),
  }),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string().min(1) })),
});

let gateway: TestGateway;
let description: z.output<typeof document>;
beforeAll(async () => {
  gateway = await startGateway();
  const reply = await gateway.ask({ method: 'GET', url: '/api/v1/openapi.json' });
  expect(reply.status).toBe(200);
  description = document.parse(reply.json);
});

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, details]) => (details === undefined ? [] : [{ path, method, details }])),
  );

describe('the OpenAPI document', () => {
  it('contains exactly the routes that the server handles', () => {
    const served = gateway.application
      .get(RouteTable)
      .list()
      .filter(({ method, path }) => method !== 'HEAD' && /^\/(api|\.well-known)\//.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const described = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(described.sort()).toEqual(served.sort());
    expect(described).toContain('POST /api/v1/auth/login');
  });

  it('gives each operation a unique name', () => {
    const names = operations().map(({ details }) => details.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('contains no broken reference', () => {
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    const { schemas, headers, responses } = description.components;
    const held: Readonly<Record<string, object>> = { schemas, headers, responses };
    for (const [, kind = '', name = ''] of references) expect(Object.keys(held[kind] ?? {})).toContain(name);
    expect(JSON.stringify(description)).not.toContain('#/$defs/');
  });

  it('names every body, so that an SDK has a type for each', () => {
    const unnamed = operations().flatMap(({ details: { operationId, requestBody, responses } }) => {
      const bodies = [requestBody, ...Object.values(responses)].flatMap((part) =>
        part !== undefined && 'content' in part ? Object.entries(part.content ?? {}) : [],
      );
      // A file has only a media type, and the problem of /health shares its status with another shape.
      return bodies
        .filter(([type, { schema }]) => type === 'application/json' && !('$ref' in (schema ?? {})))
        .map(([type]) => `${operationId} ${type}`);
    });
    expect(unnamed).toEqual([]);
    const names = Object.keys(description.components.schemas);
    const enums = ['BuiltInRole', 'Locale', 'MfaMethod', 'Permission', 'Scope', 'StaffRole'];
    const shapes = ['CookieSession', 'CreateInvitation', 'MemberPage', 'MfaRequired', 'Problem', 'RoleList', 'Session'];
    expect(names).toEqual(expect.arrayContaining([...enums, ...shapes]));
  });

  it('allows new fields in responses and forbids unknown fields in requests', () => {
    const { Member, CreateInvitation } = description.components.schemas;
    expect(Member).toMatchObject({ type: 'object', properties: expect.any(Object) });
    expect(Member).not.toHaveProperty('additionalProperties');
    expect(CreateInvitation).toMatchObject({ additionalProperties: false });
    expect(description.components.schemas['User']?.['required']).toContain('emailVerified');
  });

  it('describes requests by the schemas that validate them', () => {
    expect(description.components.schemas['Login']).toMatchObject({
      type: 'object',
      required: ['email', 'password'],
      additionalProperties: false,
      properties: { email: { type: 'string', maxLength: 254, format: 'email' } },
    });
    const limit = description.paths['/api/v1/organizations']?.get?.parameters.find(({ name }) => name === 'limit');
    expect(limit?.schema).toEqual({ type: 'integer', minimum: 1, maximum: 100, default: 20 });
  });

  it('omits the patterns of formats and everything that is not OpenAPI 3.1', () => {
    const text = JSON.stringify(description);
    expect(text).not.toMatch(/"format":"(uuid|date-time|email)","pattern"|"pattern":"[^"]*","format"/);
    expect(text).not.toContain('"contentEncoding":"binary"');
    expect(text).not.toContain('"format":"binary"');
  });

  it('lists the errors of each route with their statuses and headers', () => {
    const known = new Set<string>(errorCodes);
    const codesOf = (part: z.output<typeof response>) =>
      [...JSON.stringify(part.content ?? {}).matchAll(/"([a-z_]+)"/g)]
        .map(([, code = '']) => code)
        .filter((code) => known.has(code));
    for (const { details } of operations()) {
      expect(Object.keys(details.responses)).toEqual(expect.arrayContaining(['429', '500', '503', 'default']));
      for (const [status, part] of Object.entries(details.responses)) {
        if (!('$ref' in part) || status === 'default') continue;
        const problem = description.components.responses[String(part.$ref).split('/').at(-1) ?? ''];
        const codes = problem === undefined ? [] : codesOf(problem);
        expect(codes).not.toEqual([]);
        for (const code of codes) expect(String(Reflect.get(errorCatalogue, code).status)).toBe(status);
        const says = codes.find((code) =>
          ['rate_limited', 'service_unavailable', 'idempotency_in_progress'].includes(code),
        );
        if (says !== undefined) expect(problem?.headers).toHaveProperty('Retry-After');
        if (status === '401') expect(problem?.headers).toHaveProperty('WWW-Authenticate');
      }
    }
    expect(description.paths['/api/v1/auth/login']?.post?.responses['401']).toEqual({
      $ref: '#/components/responses/InvalidCredentials',
    });
  });

  it('declares the errors of a body even for routes without one', async () => {
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

  it('declares which routes need a session, and that a cookie needs the CSRF token', () => {
    const me = description.paths['/api/v1/users/me'];
    expect(me?.get?.security).toEqual([{ bearer: [] }, { cookie: [] }, { apiKey: ['profile:read'] }]);
    expect(me?.patch?.security).toEqual([{ bearer: [] }, { cookie: [], csrf: [] }, { apiKey: ['profile:write'] }]);
    expect(description.paths['/api/v1/auth/login']?.post?.security).toEqual([]);
  });

  it('describes exactly the tags that it uses', () => {
    const used = new Set(operations().flatMap(({ details }) => details.tags));
    expect(description.tags.map(({ name }) => name).sort()).toEqual([...used].sort());
  });

  it('is written to docs/openapi.json: npm run openapi', () => {
    const written = readFileSync(join(__dirname, '../../../../docs/openapi.json'), 'utf8');
    expect(written).toBe(writtenDescription());
  });
});
