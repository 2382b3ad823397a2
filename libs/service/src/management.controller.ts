import { metrics } from '#libs/observability';
import { Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HealthService, type Health } from './health.service';

@Controller()
export class ManagementController {
  constructor(private readonly health: HealthService) {}

  /** A response proves that the event loop runs. A broken dependency is no reason to restart this process. */
  @Get('health/live')
  @Header('cache-control', 'no-store')
  live(): Health {
    return { status: 'ok', checks: {} };
  }

  @Get('health/ready')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    const current = await this.health.current();
    reply.code(current.status === 'ok' || current.status === 'degraded' ? 200 : 503);
    return current;
  }

  @Get('metrics')
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.header('content-type', metrics.contentType);
    return metrics.metrics();
  }
}
