import { httpRequestDuration, logHttp } from '#libs/observability';
import type { FastifyInstance } from 'fastify';

/** Writes one log line and one measurement per response. */
export function observeRequests(server: FastifyInstance): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { method, id: requestId } = request;
    // Never the URL: it can contain secrets, and metrics must have few label values.
    const route = request.routeOptions.url ?? 'unmatched';
    const status = reply.statusCode;
    const durationMs = reply.elapsedTime;
    httpRequestDuration.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, durationMs / 1_000);
    logHttp({ method, route, status, durationMs, ip: request.clientIp, requestId });
    done();
  });
}
