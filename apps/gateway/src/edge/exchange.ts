import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request and its reply, for routes that read or set cookies. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}
