import { email } from '#libs/validation';
import { normalizeIp, type ThrottlerModuleOptions } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import { z } from 'zod';
import { DeviceCookies } from '../edge/device-cookie';
import { GatewayConfig } from '../config';
import { rateLimits } from './rate-limit';
import { RedisThrottlerStorage } from './redis-throttler.storage';

const namesAccount = z.object({ email });

/** The client that a limit counts. An IPv6 address counts as its /64 network, because one customer has all of it. */
export function addressOf({ clientIp }: FastifyRequest): string {
  return normalizeIp(clientIp);
}

/** Returns what a request is counted against. An empty name means that it is not counted. */
function trackersWith(devices: DeviceCookies) {
  return {
    client: (request: FastifyRequest) => request.context.actor?.userId ?? addressOf(request),
    // Hashed, so that Redis holds no email address.
    account: (request: FastifyRequest) => {
      const { data } = namesAccount.safeParse(request.body);
      if (data === undefined) return '';
      return hash('sha256', `${data.email} ${devices.recognize(request, data.email) ?? ''}`, 'base64url');
    },
  } as const;
}

/** Every policy becomes a throttler. A route is counted by those that its `@RateLimit()` names. */
export function rateLimitOptions(config: GatewayConfig, storage: RedisThrottlerStorage): ThrottlerModuleOptions {
  const trackers = trackersWith(new DeviceCookies(config));
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
