import { ProblemError } from '#libs/contracts';
import { Injectable, Logger, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers 429, and tells by RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers) how much is left. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  private readonly log = new Logger('RateLimit');

  protected override async handleRequest({
    context,
    limit,
    ttl,
    throttler,
    getTracker,
  }: ThrottlerRequest): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const tracker = await getTracker(request, context);
    if (tracker === '') return true;
    const name = throttler.name ?? 'default';
    const counted = await this.count(name, `${name}:${tracker}`, ttl, limit);
    if (counted === undefined) return true;

    const { totalHits, timeToExpire, isBlocked } = counted;
    // How often an account was tried is the account's secret, until it matters to the caller.
    if (isBlocked || !name.endsWith('-account')) {
      const remaining = Math.max(0, limit - totalHits);
      addItem(context, 'ratelimit-policy', `"${name}";q=${limit};w=${ttl / 1_000}`);
      addItem(context, 'ratelimit', `"${name}";r=${remaining};t=${timeToExpire}`);
    }
    if (isBlocked) throw new ProblemError('rate_limited', { retryAfterSeconds: timeToExpire });
    return true;
  }

  /** Without Redis, ordinary requests go uncounted: each of them has shown who sends it, or meets nothing worth guessing. */
  private async count(name: string, key: string, ttl: number, limit: number) {
    try {
      return await this.storageService.increment(key, ttl, limit, 0, name);
    } catch (error) {
      this.log.warn(`A request could not be counted: ${String(error)}`);
      if (name === 'default') return undefined;
      throw new ProblemError('service_unavailable', { retryAfterSeconds: 2, cause: error });
    }
  }
}

function addItem(context: ExecutionContext, header: string, item: string): void {
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  const before = reply.getHeader(header);
  reply.header(header, before === undefined ? item : `${before.toString()}, ${item}`);
}
