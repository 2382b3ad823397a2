import { ProblemError, type RequestContext } from '#libs/contracts';
import { Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { cookieNames } from '../edge/session-cookies';
import { IdempotencyService, type Attempt, type Lease } from './idempotency.service';
import { responseToStore, StoredResponse } from './stored-response';

declare module 'fastify' {
  interface FastifyRequest {
    /** Held while the request runs with an idempotency key. */
    idempotencyLease: Lease | undefined;
  }
}

const methods = new Set(['POST', 'PATCH', 'DELETE']);
const keyFormat = /^[\x21-\x7e]{1,255}$/;

/**
 * Runs a request with an Idempotency-Key once, however often and to whichever replica it is sent. It is
 * the last guard, so that only admitted requests use up a key.
 */
@Injectable()
export class IdempotencyGuard implements CanActivate {
  private readonly logger = new Logger('Idempotency');

  constructor(private readonly service: IdempotencyService) {}

  canActivate(execution: ExecutionContext): true | Promise<true> {
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    return key === undefined || !methods.has(request.method) ? true : this.begin(request, key.toString());
  }

  /** Stores responses before they are sent, so that a repeated request finds the response. */
  storeResponses(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (request.idempotencyLease === undefined) return done();
      this.end(request.idempotencyLease, reply, payload).then(() => done(), done);
    });
  }

  private async begin(request: FastifyRequest, key: string): Promise<true> {
    if (!keyFormat.test(key)) {
      const message = '1 to 255 printable ASCII characters without spaces.';
      throw new ProblemError('validation_failed', {
        errors: [{ path: 'Idempotency-Key', code: 'invalid_format', message }],
      });
    }
    try {
      request.idempotencyLease = await this.service.begin(attemptOf(request, key));
      return true;
    } catch (error) {
      if (error instanceof ProblemError || error instanceof StoredResponse) throw error;
      throw new ProblemError('service_unavailable', { cause: error });
    }
  }

  private async end(lease: Lease, reply: FastifyReply, payload: unknown): Promise<void> {
    try {
      const body = payload ?? '';
      if (typeof body !== 'string' || !isFinal(reply.statusCode)) return await this.service.release(lease);
      await this.service.keep(lease, responseToStore(reply, body));
    } catch (error) {
      // The work is done and its response is valid. A repeated request has to wait until the lease ends.
      this.logger.error(`Could not store the response for its idempotency key: ${String(error)}`);
    }
  }
}

/** Other responses ask the client to send the request again, later or with fresh credentials. */
function isFinal(status: number): boolean {
  return status < 500 && status !== 401 && status !== 429;
}

function attemptOf({ context, clientIp, method, url, body, headers, cookies }: FastifyRequest, key: string): Attempt {
  const mode = headers['x-session-mode']?.toString() ?? '';
  const credential = cookies[cookieNames.refresh] ?? '';
  return {
    id: digest([ownerOf(context, clientIp), key]),
    fingerprint: digest([method, url, JSON.stringify(body ?? null), mode, credential]),
  };
}

/** An API key never gets the stored responses of its user's sessions, which can contain secrets. */
function ownerOf({ actor }: RequestContext, clientIp: string): string {
  if (actor === null) return `ip ${clientIp}`;
  return actor.kind === 'session' ? `user ${actor.userId}` : `api key ${actor.apiKeyId}`;
}

function digest(parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
