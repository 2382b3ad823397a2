import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Streams the response as fast as the client reads it, for up to ten minutes. */
    longResponse?: boolean;
  }
}

const longestResponseMs = 600_000;

/** Call it before the first route is added. The connection timeout still disconnects a client that reads nothing. */
export function allowLongResponses(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (route.config?.longResponse === true) route.handlerTimeout = longestResponseMs;
  });
}
