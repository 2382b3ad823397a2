import cookie from '@fastify/cookie';
import {
  fastify,
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify';
import type { GatewayConfig } from '../config';
import { ClientErrors } from '../problem/client-error';
import { describeProblem, problemMediaType, problemOf } from '../problem/problem';
import type { RouteTable } from '../problem/route-table';
import { takeOnlyJson } from './json-body';
import { allowLongResponses } from './long-response';
import { readLateBodies } from './late-bodies';
import { observeRequests } from './observe-requests';
import { carryRequestContext, requestIdOf } from './request-context';
import { refuseUnreadableRequests } from './request-rules';
import { addSecurityHeaders } from './security-headers';

/**
 * Longer than load balancers usually keep an idle connection (60 s), so that they close it and never send
 * into a closing one.
 */
const keepAliveMs = 72_000;
const longestHeadersMs = 10_000;

/** The HTTP server before Nest adds the routes: limits, timeouts and common headers. */
export async function createServer(config: GatewayConfig, routes: RouteTable): Promise<FastifyInstance> {
  const clientErrors = new ClientErrors(config.publicUrl);
  const options: FastifyHttpOptions<RawServerDefault> = {
    // Only ClientIp reads X-Forwarded-For. X-Forwarded-Host and X-Forwarded-Proto are never trusted.
    trustProxy: false,
    genReqId: requestIdOf,
    bodyLimit: config.bodyLimit,
    requestTimeout: config.requestTimeoutMs,
    handlerTimeout: config.requestTimeoutMs,
    connectionTimeout: 2 * config.requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    http: {
      // Node's own response to a missing Host is empty. request-rules.ts sends one with a body.
      requireHostHeader: false,
      headersTimeout: Math.min(longestHeadersMs, config.requestTimeoutMs),
      connectionsCheckingInterval: Math.min(5_000, config.requestTimeoutMs / 2),
    },
    // While it stops, it still responds on open connections and asks clients to close them.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => clientErrors.respond(error, socket),
    frameworkErrors: (error, request, reply) => refuseUnroutable(config, error, request, reply),
    routerOptions: { maxParamLength: 256 },
  };
  const server = fastify(options);
  clientErrors.watch(server.server);
  routes.watch(server);
  takeOnlyJson(server);
  allowLongResponses(server);
  await addSecurityHeaders(server, config.production);
  carryRequestContext(server, config.trustProxy);
  refuseUnreadableRequests(server);
  await server.register(cookie);
  readLateBodies(server);
  observeRequests(server);
  return server;
}

/** A URL that can't be decoded gets here before any hook or filter. */
function refuseUnroutable(
  config: GatewayConfig,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const refusal = problemOf(error);
  const body = describeProblem(refusal, config.publicUrl, request.id);
  void reply
    .code(refusal.status)
    .headers({
      'content-type': problemMediaType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
    })
    .send(JSON.stringify(body));
}
