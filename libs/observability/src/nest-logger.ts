import type { LoggerService } from '@nestjs/common';
import { Logger, PinoLogger } from 'nestjs-pino';
import { logger } from './logger';

/** Parts of Nest that log each module and route on every start. */
const talkative: readonly unknown[] = ['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory'];

class QuietLogger extends Logger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (talkative.includes(rest.at(-1))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}

/**
 * Pass it to `NestFactory.create(…, { logger })`. Then every `new Logger('Name')` of @nestjs/common writes
 * to our log.
 * nestjs-pino's module is not imported, because its middleware would add request lines to those of logHttp
 * and logRpc.
 */
export function nestLogger(): LoggerService {
  const parameters = { pinoHttp: { logger: logger(), wrapSerializers: false } };
  return new QuietLogger(new PinoLogger(parameters), parameters);
}
