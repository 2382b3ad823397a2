import { ProblemError } from '#libs/contracts';
import { Injectable, Logger, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerOptions } from '@nestjs/throttler';
import type { FastifyReply } from 'fastify';
import { routeRateLimits } from './rate-limit';

/** Returns 429 and reports the rest in RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers). */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  private readonly log = new Logger('RateLimit');
  private readonly policies = new Map<unknown, readonly ThrottlerOptions[]>();

  /** Replaces the library's loop, which reads the metadata of every policy on each request and sets its own headers. */
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    for (const policy of this.policiesOf(context)) await this.apply(policy, context);
    return true;
  }

  private policiesOf(context: ExecutionContext): readonly ThrottlerOptions[] {
    const handler = context.getHandler();
    let policies = this.policies.get(handler);
    if (policies === undefined) {
      const names = this.reflector.get<readonly string[] | undefined>(routeRateLimits, handler) ?? ['default'];
      policies = this.throttlers.filter(({ name = 'default' }) => names.includes(name));
      this.policies.set(handler, policies);
    }
    return policies;
  }

  private async apply(policy: ThrottlerOptions, context: ExecutionContext): Promise<void> {
    const { name = 'default', getTracker } = policy;
    const [limit, ttl] = [Number(policy.limit), Number(policy.ttl)];
    const tracker = await getTracker?.(context.switchToHttp().getRequest(), context);
    if (!tracker) return;
    const counted = await this.count(name, `${name}:${tracker}`, ttl, limit);
    if (counted === undefined) return;

    const { totalHits, timeToExpire, isBlocked } = counted;
    // Does not reveal how often others tried to sign in to an account, until the limit affects the caller.
    if (isBlocked || !name.endsWith('-account')) {
      const remaining = Math.max(0, limit - totalHits);
      addItem(context, 'ratelimit-policy', `"${name}";q=${limit};w=${ttl / 1_000}`);
      addItem(context, 'ratelimit', `"${name}";r=${remaining};t=${timeToExpire}`);
    }
    if (isBlocked) throw new ProblemError('rate_limited', { retryAfterSeconds: timeToExpire });
  }

  /** Without Redis, ordinary requests are not counted: they are authenticated or reach nothing worth guessing. */
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
