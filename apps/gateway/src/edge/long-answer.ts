import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Streamed for as long as the client takes it, up to ten minutes. */
    longAnswer?: boolean;
  }
}

const longestAnswerMs = 600_000;

/** Before the first route is added. A client that reads nothing is still cut off by the server's connection time-out. */
export function allowLongAnswers(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (route.config?.longAnswer === true) route.handlerTimeout = longestAnswerMs;
  });
}
