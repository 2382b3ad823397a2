import type { RequestContext } from '#libs/contracts';
import { currentTraceparent, logger, runInContext } from '#libs/observability';
import { defaultLocale, negotiateLocale } from '#libs/validation';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TrustProxy } from '../config';
import { ClientIp } from './client-ip';

declare module 'fastify' {
  interface FastifyRequest {
    /** What travels with the request. Its `actor` is set once the access token is verified. */
    context: RequestContext;
    /** Valid and canonical, by `TRUST_PROXY`'s rules. Never use `ip`, which is the peer's address as the socket spells it. */
    clientIp: string;
  }
}

/** An API key put there by mistake must not stand in the logs. */
const requestIdFormat = /^(?!.*gw_live_)[\w.:=/+@-]{1,128}$/i;
/** W3C Trace Context, version 00, section 3.2: neither id may be all zeros. */
const traceparentFormat = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** The caller's X-Request-Id when it can stand in a log line as it is, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const offered = request.headers['x-request-id'];
  return typeof offered === 'string' && requestIdFormat.test(offered) ? offered : randomUUID();
}

/** Gives each request its context, and runs guards, pipes and handlers inside it. */
export function carryRequestContext(fastify: FastifyInstance, trust: TrustProxy): void {
  const clientIp = new ClientIp(trust, (message) => logger().warn(message));
  for (const property of ['context', 'clientIp', 'credential', 'refusal', 'idempotencyLease'])
    fastify.decorateRequest(property);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.clientIp = clientIp.of(request.raw);
    request.context = contextOf(request);
    reply.header('x-request-id', request.id);
    done();
  });
  // Entered only here: reading the body would lose it, as its events are emitted by the connection.
  fastify.addHook('preHandler', (request, _reply, done) => {
    runInContext(request.context, done);
  });
}

function contextOf(request: FastifyRequest): RequestContext {
  const { traceparent, 'accept-language': languages, 'user-agent': userAgent = '' } = request.headers;
  return {
    requestId: request.id,
    traceparent: currentTraceparent() ?? traceparentOf(traceparent),
    actor: null,
    locale: languages === undefined ? defaultLocale : negotiateLocale(languages),
    client: { ip: request.clientIp, userAgent: userAgent.slice(0, 512), deviceId: null },
  };
}

function traceparentOf(header: unknown): string | null {
  return typeof header === 'string' && traceparentFormat.test(header) ? header : null;
}
