import type { LoggerService } from '@nestjs/common';
import { Logger, PinoLogger } from 'nestjs-pino';
import { logger } from './logger';

/** Parts of Nest that tell each module and route at every start. */
const talkative: readonly unknown[] = ['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory'];

class QuietLogger extends Logger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (talkative.includes(rest.at(-1))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}

/**
 * What `NestFactory.create(…, { logger })` takes: from then on every `new Logger('Name')` of @nestjs/common writes here.
 * nestjs-pino's module is not imported, as its middleware would only add its own request lines: logHttp and logRpc write ours.
 */
export function nestLogger(): LoggerService {
  const parameters = { pinoHttp: { logger: logger(), wrapSerializers: false } };
  return new QuietLogger(new PinoLogger(parameters), parameters);
}
