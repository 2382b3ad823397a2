import { email } from '#libs/validation';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { normalizeIp, type ThrottlerModuleOptions } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import { z } from 'zod';
import { GatewayConfig } from '../config';
import { rateLimits, routeRateLimits } from './rate-limit';
import { RedisThrottlerStorage } from './redis-throttler.storage';

const reflector = new Reflector();
const namesAccount = z.object({ email });

/** Whom a request is counted against; an empty name counts nobody. */
const trackers = {
  client: (request: FastifyRequest) =>
    request.context.actor?.userId ?? normalizeIp(request.context.client?.ip ?? request.ip),
  // The address itself is not kept in Redis.
  account: (request: FastifyRequest) => {
    const { data } = namesAccount.safeParse(request.body);
    return data === undefined ? '' : hash('sha256', data.email, 'base64url');
  },
} as const;

/** Every policy is a throttler, which skips the routes that do not name it. */
export function rateLimitOptions(config: GatewayConfig, storage: RedisThrottlerStorage): ThrottlerModuleOptions {
  return {
    storage,
    throttlers: Object.entries(rateLimits).map(([name, { limit, windowSeconds, per }]) => ({
      name,
      limit: Math.max(1, Math.floor(limit * config.rateLimitFactor)),
      ttl: windowSeconds * 1_000,
      getTracker: (_request, execution) => trackers[per](execution.switchToHttp().getRequest<FastifyRequest>()),
      skipIf: (execution) => !policiesOf(execution).includes(name),
    })),
  };
}

function policiesOf(execution: ExecutionContext): readonly string[] {
  return reflector.get<readonly string[] | undefined>(routeRateLimits, execution.getHandler()) ?? ['default'];
}
