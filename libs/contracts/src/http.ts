import { z } from 'zod';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * The rate limits that a route can name. The gateway defines them. A route without any counts against
 * `default`.
 */
export type RateLimitName =
  | 'login'
  | 'login-account'
  | 'passkey-options'
  | 'refresh'
  | 'registration'
  | 'registration-account'
  | 'mailed-token'
  | 'mailed-link'
  | 'mailed-link-account'
  | 'sign-in-link-account'
  | 'invitation'
  | 'invitation-batch'
  | 'picture'
  | 'sensitive';

interface HttpDescription {
  /** The stable name for API clients, `resource.verb`. The SDK is generated from it. */
  readonly id: `${string}.${string}`;
  readonly summary: string;
  readonly description: string;
  /** Default: 204 for a contract that returns null, otherwise 200. */
  readonly status?: 201 | 202;
  readonly limits?: readonly RateLimitName[];
}

/** A path below /api/v1, or below the root for `/.well-known/`. `:name` is the request field of that name. */
type HttpPath = `/${string}`;

/** How the gateway exposes a contract, such as `{ id: 'password.reset', post: '/auth/password/reset', … }`. */
export type HttpBinding = HttpDescription & { [Method in HttpMethod]: Readonly<Record<Method, HttpPath>> }[HttpMethod];

/** An HTTP binding with its defaults filled in. */
export interface HttpRoute {
  readonly id: string;
  readonly method: HttpMethod;
  /** The whole path, in Fastify's syntax. */
  readonly path: string;
  /** The request fields that come from the path. All others come from the query (GET, DELETE) or the JSON body. */
  readonly pathFields: readonly string[];
  readonly status: 200 | 201 | 202 | 204;
  readonly summary: string;
  readonly description: string;
  readonly limits: readonly RateLimitName[];
}

const methods: readonly HttpMethod[] = ['get', 'post', 'put', 'patch', 'delete'];

/** @throws Error when a path field isn't a field of the request */
export function httpRouteOf(binding: HttpBinding, request: z.ZodType, response: z.ZodType): HttpRoute {
  const { id, summary, description, status, limits = [] } = binding;
  const paths: Partial<Record<HttpMethod, HttpPath>> = binding;
  for (const method of methods) {
    const path = paths[method];
    if (path === undefined) continue;
    const pathFields = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
    const known = request instanceof z.ZodObject ? Object.keys(request.shape) : [];
    const unknown = pathFields.filter((field) => !known.includes(field));
    if (unknown.length > 0) throw new Error(`The path of ${id} names ${unknown.join(', ')}, which its request lacks.`);
    return {
      id,
      method,
      path: path.startsWith('/.well-known/') ? path : `/api/v1${path}`,
      pathFields,
      status: status ?? (response instanceof z.ZodNull ? 204 : 200),
      summary,
      description,
      limits,
    };
  }
  throw new Error(`The HTTP binding ${id} has no method.`);
}
