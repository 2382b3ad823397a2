import { Controller, Get, Header, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { z } from 'zod';
import { Public } from '../access/access.decorators';
import { GatewayConfig } from '../config';
import { openApiDocument } from './document';
import { Operation } from '../access/operation';
import { describedRoutes, type DescribedRoute } from './routes';
import type { JsonObject } from './schema-components';

@Controller('api/v1')
export class OpenApiController {
  private document: JsonObject | undefined;

  constructor(
    private readonly config: GatewayConfig,
    private readonly discovery: DiscoveryService,
  ) {}

  @Public()
  @Operation({
    id: 'wellKnown.openapi',
    summary: 'Get the API description',
    description: 'The OpenAPI 3.1 document of this API.',
    status: 200,
    response: z.looseObject({ openapi: z.string() }),
  })
  @Header('cache-control', 'no-cache')
  @Get('openapi.json')
  describe(): JsonObject {
    this.document ??= openApiDocument(this.routes(), this.config.publicUrl, '1');
    return this.document;
  }

  private routes(): DescribedRoute[] {
    return describedRoutes(
      this.discovery.getControllers().flatMap(({ metatype }) => (isController(metatype) ? [metatype] : [])),
    );
  }
}

function isController(metatype: unknown): metatype is Type {
  return typeof metatype === 'function';
}
