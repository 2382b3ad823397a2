import { Logger } from '@nestjs/common';
import type { RedisConnection } from './lifecycle';

/** Logs when a connection is lost and when it is back, once each. Without a listener for `error`, ioredis prints every attempt. */
export function reportConnectionState(connection: RedisConnection, name: string): void {
  const logger = new Logger('Redis');
  let trouble: string | undefined;
  connection.on('error', (error: unknown) => {
    const description = describe(error);
    if (description === trouble) return;
    trouble = description;
    logger.warn(`${name} has trouble with Redis, and goes on trying: ${description}`);
  });
  connection.on('ready', () => {
    if (trouble !== undefined) logger.log(`${name} is connected to Redis again`);
    trouble = undefined;
  });
}

/** A refused connection to a name with two addresses is an AggregateError, which has no message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
