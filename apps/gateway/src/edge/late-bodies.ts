import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { finished } from 'node:stream';

/** Enough for the rest of a body from a client that sends without pausing. */
const longestWaitMs = 2_000;

/**
 * Reads the rest of a refused request's body before the response closes the connection. With unread bytes
 * the system would reset the connection (RFC 9112 section 9.6), and the client would never see the reason.
 * Connections that stay open don't need this: Node reads the rest after the response.
 */
export function readLateBodies(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (!hasUnreadBody(request, reply)) return done(null, payload);
    let stop = () => {};
    const timer = setTimeout(() => stop(), longestWaitMs);
    const cleanup = finished(request.raw, { writable: false }, () => stop());
    stop = () => {
      stop = () => {};
      clearTimeout(timer);
      cleanup();
      done(null, payload);
    };
    request.raw.resume();
  });
}

/** A client that sent `Expect: 100-continue` waits for the response before it sends a body. */
function hasUnreadBody({ raw, headers }: FastifyRequest, reply: FastifyReply): boolean {
  return !raw.complete && !raw.destroyed && !reply.raw.shouldKeepAlive && headers.expect === undefined;
}
