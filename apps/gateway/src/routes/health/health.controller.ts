import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../../access/access.decorators';
import { Operation } from '../../access/operation';
import { HealthService, health, type Health } from './health.service';

@Controller('api/v1/health')
export class HealthController {
  constructor(private readonly service: HealthService) {}

  @Public()
  @Operation({
    id: 'wellKnown.health',
    summary: 'Check the health of the service',
    description:
      '`error` (503) means that the database, the cache or auth does not respond. `degraded` (200) means that another service does not respond. Checked at most once a second.',
    status: 200,
    response: health,
    otherResponses: { 503: health },
  })
  @Get()
  async get(@Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    const current = await this.service.current();
    if (current.status === 'error') reply.code(503);
    return current;
  }
}
