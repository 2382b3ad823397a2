import { email } from '#libs/validation';
import { normalizeIp, type ThrottlerModuleOptions } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import { z } from 'zod';
import { GatewayConfig } from '../config';
import { rateLimits } from './rate-limit';
import { RedisThrottlerStorage } from './redis-throttler.storage';

const namesAccount = z.object({ email });

/** Whom a request is counted against; an empty name counts nobody. */
const trackers = {
  client: ({ context, ip }: FastifyRequest) => context.actor?.userId ?? normalizeIp(context.client?.ip ?? ip),
  // The address itself is not kept in Redis.
  account: ({ body }: FastifyRequest) => {
    const { data } = namesAccount.safeParse(body);
    return data === undefined ? '' : hash('sha256', data.email, 'base64url');
  },
} as const;

/** Every policy is a throttler; a route is counted by those that its `@RateLimit()` names. */
export function rateLimitOptions(config: GatewayConfig, storage: RedisThrottlerStorage): ThrottlerModuleOptions {
  return {
    storage,
    throttlers: Object.entries(rateLimits).map(([name, { limit, windowSeconds, per }]) => ({
      name,
      limit: Math.max(1, Math.floor(limit * config.rateLimitFactor)),
      ttl: windowSeconds * 1_000,
      getTracker: (_request, execution) => trackers[per](execution.switchToHttp().getRequest<FastifyRequest>()),
    })),
  };
}
