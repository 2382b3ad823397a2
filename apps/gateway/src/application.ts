import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IdempotencyGuard } from './idempotency/idempotency.guard';
import type { GatewayConfig } from './config';
import { createServer } from './edge/server';
import { gatewayModule } from './gateway.module';
import { addPageFiles } from './routes/pages/page-files';
import { RouteTable } from './problem/route-table';

/** Creates the complete gateway, not listening yet. */
export async function createGateway(config: GatewayConfig): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const server = await createServer(config, routes);
  await addPageFiles(server);
  const application = await NestFactory.create<NestFastifyApplication>(
    gatewayModule(config, routes),
    new FastifyAdapter(server),
    { bodyParser: false, abortOnError: false },
  );
  if (config.corsOrigins.length > 0) application.enableCors(corsOptions(config));
  application.get(IdempotencyGuard, { strict: false }).storeResponses(server);
  return application;
}

function corsOptions({ corsOrigins }: GatewayConfig) {
  return {
    origin: [...corsOrigins],
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Baggage',
      'Content-Type',
      'Idempotency-Key',
      'Traceparent',
      'Tracestate',
      'X-CSRF-Token',
      'X-Request-Id',
      'X-Session-Mode',
    ],
    exposedHeaders: [
      'Content-Disposition',
      'Idempotency-Replayed',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'WWW-Authenticate',
      'X-Request-Id',
    ],
    maxAge: 600,
  };
}
