import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

/** The part of a response that is stored to send it again. */
export const storedResponse = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.string(),
});
export type StoredResponseContent = z.output<typeof storedResponse>;

const keptHeaders = ['content-type', 'set-cookie', 'location', 'www-authenticate', 'allow'];

/** Thrown by IdempotencyGuard instead of running the handler. */
export class StoredResponse extends Error {
  override readonly name = 'StoredResponse';

  constructor(readonly content: StoredResponseContent) {
    super('The request already has a response.');
  }
}

/** Sends the stored response again. Registered after ProblemFilter, so that Nest tries it first. */
@Catch(StoredResponse)
export class StoredResponseFilter implements ExceptionFilter<StoredResponse> {
  catch({ content }: StoredResponse, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    reply.code(content.status).headers(content.headers).header('idempotency-replayed', 'true').send(content.body);
  }
}

export function responseToStore(reply: FastifyReply, body: string): StoredResponseContent {
  const headers: StoredResponseContent['headers'] = {};
  for (const name of keptHeaders) {
    const value = reply.getHeader(name);
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.map(String) : String(value);
  }
  return { status: reply.statusCode, headers, body };
}
