import { builtInRoles, errorCatalogue, permissions, type ErrorCode, type RpcContract } from '#libs/contracts';
import { problem, problemMediaType } from '../problem/problem';
import { sessionAnswer, signInAnswer } from '../session/session-answer';
import { cookieNames } from '../session/session-cookies';
import { z } from 'zod';
import type { DescribedRoute } from './routes';
import { SchemaComponents, type JsonObject } from './schema-components';

/** The OpenAPI 3.1 description of the routes, made of the schemas that validate them. */
export function openApiDocument(routes: readonly DescribedRoute[], publicUrl: string, version: string): JsonObject {
  const components = new SchemaComponents();
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, components) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Groundwork', version, license: { name: 'MIT', identifier: 'MIT' }, description: introduction },
    servers: [{ url: publicUrl }],
    paths,
    components: { schemas: components.schemas, securitySchemes, headers },
    'x-permissions': permissions,
    'x-roles': builtInRoles,
  };
}

const introduction = [
  'Errors are problem details (RFC 9457) with a stable `code`.',
  'Any POST, PATCH or DELETE may carry an `Idempotency-Key`: repeated with the same body within 24 hours, it is answered as the first time.',
  'Browsers send `X-Session-Mode: cookie` when they sign in, and the `csrfToken` of the response in `X-CSRF-Token` with every unsafe request after that.',
].join('\n\n');

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  cookie: { type: 'apiKey', in: 'cookie', name: cookieNames.access },
  apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'gw_live_…' },
};

const headers = {
  'X-Request-Id': { description: 'The id of the request in every log.', schema: { type: 'string' } },
  'RateLimit-Policy': {
    description: 'The limits that hold (draft-ietf-httpapi-ratelimit-headers).',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'What is left of them, and the seconds until they are whole again.',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } },
};

function operationOf(route: DescribedRoute, components: SchemaComponents): JsonObject {
  const { operation } = route;
  return {
    operationId: `${route.tag.charAt(0).toLowerCase()}${route.tag.slice(1)}_${route.name}`,
    tags: [route.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    security: securityOf(route),
    ...permissionOf(route),
    ...parametersOf(route, components),
    ...bodyOf(route, components),
    responses: responsesOf(route, components),
  };
}

function bodyOf({ body, operation: { form } }: DescribedRoute, components: SchemaComponents): JsonObject {
  if (form !== undefined) {
    return {
      requestBody: { required: true, content: { 'multipart/form-data': { schema: components.ofRequest(form) } } },
    };
  }
  if (body === undefined) return {};
  // A request without a body is read as an empty object.
  const required = !body.safeParse({}).success;
  return { requestBody: { required, content: json(components.ofRequest(body)) } };
}

function parametersOf(route: DescribedRoute, components: SchemaComponents): JsonObject {
  const parameters = [
    ...named('path', route.params, components),
    ...named('query', route.query, components),
    ...(takesKey(route) ? [idempotencyKey] : []),
    ...(takesCookies(route) ? [sessionMode] : []),
  ];
  return parameters.length === 0 ? {} : { parameters };
}

/** One parameter for each property of the schema. */
function named(place: 'path' | 'query', schema: z.ZodType | undefined, components: SchemaComponents): JsonObject[] {
  if (schema === undefined) return [];
  const { properties, required } = objectSchema.parse(components.ofRequest(schema));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).default([]),
});

function securityOf({ access, operation }: DescribedRoute): JsonObject[] {
  if (access === 'public') return [];
  const scope = operation.contract?.scope ?? null;
  return [{ bearer: [] }, { cookie: [] }, ...(scope === null ? [] : [{ apiKey: [scope] }])];
}

/** What the caller's role in the organization must allow: one of the document's `x-permissions`. */
function permissionOf({ operation }: DescribedRoute): JsonObject {
  const permission = operation.contract?.permission ?? null;
  return permission === null ? {} : { 'x-permission': permission };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const sessionMode = {
  name: 'X-Session-Mode',
  in: 'header',
  required: false,
  schema: { type: 'string', enum: ['cookie'] },
};

/** PUT is idempotent by itself. */
function takesKey({ method }: DescribedRoute): boolean {
  return method !== 'get' && method !== 'put';
}

/** Whatever gives a session gives it as cookies when it is asked to. */
function takesCookies({ operation: { answer } }: DescribedRoute): boolean {
  return answer === sessionAnswer || answer === signInAnswer;
}

function responsesOf(route: DescribedRoute, components: SchemaComponents): JsonObject {
  const { status, answer, contract, summary, alsoAnswers = {}, mediaType } = route.operation;
  const schema = answer ?? contract?.response;
  const responses: Record<string, JsonObject> = {};
  for (const [problemStatus, codes] of problemsOf(route)) {
    responses[problemStatus] = problemResponse(problemStatus, codes, components);
  }
  for (const [also, alsoSchema] of Object.entries(alsoAnswers)) {
    responses[also] = { description: summary, headers: references, content: json(components.ofAnswer(alsoSchema)) };
  }
  const content =
    status === 204 || schema === undefined ? {} : { content: contentOf(components.ofAnswer(schema), mediaType) };
  responses[status] = { description: summary, headers: references, ...content };
  return responses;
}

const always: readonly ErrorCode[] = ['malformed_request', 'rate_limited', 'internal_error', 'service_unavailable'];
/** The server reads the body of every request except GET, even where the route takes none. */
const ofBodies: readonly ErrorCode[] = ['malformed_json', 'payload_too_large', 'unsupported_media_type'];
const repeatable: readonly ErrorCode[] = ['idempotency_in_progress', 'idempotency_key_reused', 'validation_failed'];

function problemsOf(route: DescribedRoute): Map<number, ErrorCode[]> {
  const { operation, access, method, body, query, params } = route;
  const takesInput = [body, operation.form, query, params].some((input) => input !== undefined);
  const codes = new Set<ErrorCode>([
    ...always,
    ...(method === 'get' ? [] : ofBodies),
    ...(takesInput ? (['validation_failed'] as const) : []),
    ...(takesKey(route) ? repeatable : []),
    ...(access === 'authenticated' ? (['unauthenticated', 'insufficient_scope'] as const) : []),
    ...accessProblemsOf(operation.contract),
    ...(operation.contract?.errors ?? []),
    ...(operation.errors ?? []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorCatalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function accessProblemsOf(contract: RpcContract | undefined): readonly ErrorCode[] {
  if (contract === undefined || contract.access === 'public') return [];
  if (contract.access === 'staff') return ['permission_denied', 'staff_mfa_required'];
  const always: ErrorCode[] = contract.access === 'recent' ? ['reauthentication_required'] : [];
  return contract.effect === 'read' ? always : [...always, 'impersonation_read_only'];
}

function problemResponse(status: number, codes: readonly ErrorCode[], components: SchemaComponents): JsonObject {
  const schema = {
    allOf: [components.ofAnswer(problem), { type: 'object', properties: { code: { type: 'string', enum: codes } } }],
  };
  const description = codes.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('. ');
  const saysWhen = status === 429 || status === 503 || codes.includes('idempotency_in_progress');
  const headers = saysWhen ? { ...references, ...retryAfter } : references;
  return { description, headers, content: { [problemMediaType]: { schema } } };
}

const referenceTo = (name: keyof typeof headers) => ({ [name]: { $ref: `#/components/headers/${name}` } });
const references = { ...referenceTo('X-Request-Id'), ...referenceTo('RateLimit-Policy'), ...referenceTo('RateLimit') };
const retryAfter = referenceTo('Retry-After');

function json(schema: JsonObject): JsonObject {
  return contentOf(schema);
}

function contentOf(schema: JsonObject, mediaTypes: string | readonly string[] = 'application/json'): JsonObject {
  return Object.fromEntries([mediaTypes].flat().map((mediaType) => [mediaType, { schema }]));
}
