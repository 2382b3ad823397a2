import { Controller, Get, Header } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { z } from 'zod';
import { Public } from '../access/access.decorators';
import { GatewayConfig } from '../config';
import { openApiDocument } from './document';
import { Operation } from './operation';
import { describedRoutes } from './routes';
import type { JsonObject } from './schema-components';

@Controller('api/v1')
export class OpenApiController {
  private document: JsonObject | undefined;

  constructor(
    private readonly config: GatewayConfig,
    private readonly discovery: DiscoveryService,
  ) {}

  @Public()
  @Operation({ summary: 'This description', status: 200, answer: z.looseObject({ openapi: z.string() }) })
  @Header('cache-control', 'no-cache')
  @Get('openapi.json')
  describe(): JsonObject {
    this.document ??= openApiDocument(describedRoutes(this.discovery), this.config.publicUrl, '1');
    return this.document;
  }
}
