import { builtInRoles, permissions } from '#libs/contracts';
import { cookieNames } from '../edge/session-cookies';
import { requestOf } from './request';
import { headers, ProblemResponses, responsesOf } from './responses';
import type { DescribedRoute } from './routes';
import { SchemaComponents, type JsonObject } from './schema-components';
import { resourceOf, tags } from './tags';

/** The OpenAPI 3.1 document of the routes, built from the schemas that validate them. */
export function openApiDocument(routes: readonly DescribedRoute[], publicUrl: string, version: string): JsonObject {
  const components = new SchemaComponents();
  const problems = new ProblemResponses(components);
  const paths: Record<string, JsonObject> = {};
  for (const route of [...routes].sort(byPath)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, components, problems) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Groundwork', version, license: { name: 'MIT', identifier: 'MIT' }, description: introduction },
    servers: [{ url: publicUrl }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: sorted(components.schemas),
      responses: sorted(problems.responses),
      securitySchemes,
      headers,
    },
    'x-permissions': permissions,
    'x-roles': builtInRoles,
  };
}

const introduction = [
  'Errors are problem details (RFC 9457) with a stable `code`.',
  'Send an `Idempotency-Key` with a POST, PATCH or DELETE to make it safe to repeat: for 24 hours, the same key and body return the first response.',
  'Browsers send `X-Session-Mode: cookie` when they sign in, and the `csrfToken` of the response as `X-CSRF-Token` with every POST, PUT, PATCH and DELETE after that.',
  "New fields can appear in responses at any time. Ignore fields that you don't know.",
].join('\n\n');

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a session, valid for ten minutes.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'gw_live_…',
    description: 'An API key with the scope that the operation names.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: cookieNames.access,
    description: 'The access token of a browser session.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF-Token',
    description: 'The CSRF token of the browser session, required together with the cookie.',
  },
};

function operationOf(route: DescribedRoute, components: SchemaComponents, problems: ProblemResponses): JsonObject {
  const { operation } = route;
  return {
    operationId: operation.id,
    tags: [resourceOf(operation.id)],
    summary: operation.summary,
    description: operation.description,
    security: securityOf(route),
    ...permissionOf(route),
    ...requestOf(route, components),
    responses: responsesOf(route, components, problems),
  };
}

function securityOf({ access, method, operation }: DescribedRoute): JsonObject[] {
  if (access === 'public') return [];
  const scope = operation.contract?.scope ?? null;
  const cookie = method === 'get' ? { cookie: [] } : { cookie: [], csrf: [] };
  return [{ bearer: [] }, cookie, ...(scope === null ? [] : [{ apiKey: [scope] }])];
}

/** The permission that the caller's role in the organization needs: one of the document's `x-permissions`. */
function permissionOf({ operation }: DescribedRoute): JsonObject {
  const permission = operation.contract?.permission ?? null;
  return permission === null ? {} : { 'x-permission': permission };
}

function byPath(a: DescribedRoute, b: DescribedRoute): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function sorted<T>(named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)));
}
