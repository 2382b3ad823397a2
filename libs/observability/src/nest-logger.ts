import type { LoggerService } from '@nestjs/common';
import { Logger, PinoLogger } from 'nestjs-pino';
import { logger } from './logger';

/**
 * What `NestFactory.create(…, { logger })` takes: from then on every `new Logger('Name')` of @nestjs/common writes here.
 * nestjs-pino's module is not imported, as its middleware would only add its own request lines: logHttp and logRpc write ours.
 */
export function nestLogger(): LoggerService {
  const parameters = { pinoHttp: { logger: logger() } };
  return new Logger(new PinoLogger(parameters), parameters);
}
