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
    /** Travels with the request. Its `actor` is set once the access token is verified. */
    context: RequestContext;
    /**
     * Valid and canonical, by the rules of `TRUST_PROXY`. Never use `ip`, which is the peer's address as the
     * socket formats it.
     */
    clientIp: string;
  }
}

/** Refuses API keys that were sent by mistake, because request ids are logged. */
const requestIdFormat = /^(?!.*gw_live_)[\w.:=/+@-]{1,128}$/i;
/** W3C Trace Context, version 00, section 3.2: neither id can be all zeros. */
const traceparentFormat = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** Returns the caller's X-Request-Id if it is safe to log, otherwise a new id. */
export function requestIdOf(request: IncomingMessage): string {
  const offered = request.headers['x-request-id'];
  return typeof offered === 'string' && requestIdFormat.test(offered) ? offered : randomUUID();
}

/** Gives each request its context, and runs guards, pipes and handlers in it. */
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
  // The context is entered only here. Reading the body would lose it, because the connection emits the
  // body's events.
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
