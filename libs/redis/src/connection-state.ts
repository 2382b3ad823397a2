import { Logger } from '@nestjs/common';
import type { RedisConnection } from './lifecycle';

/**
 * Logs once when a connection is lost and once when it is back. Without an `error` listener, ioredis
 * prints every attempt.
 */
export function reportConnectionState(connection: RedisConnection, name: string): void {
  const logger = new Logger('Redis');
  const told = new Set<string>();
  connection.on('error', (error: unknown) => {
    const description = describe(error);
    // Removes numbers, because messages count attempts and milliseconds.
    const kind = description.replace(/\d+/g, '');
    if (told.has(kind)) return;
    told.add(kind);
    logger.warn(`${name} has trouble with Redis, and goes on trying: ${description}`);
  });
  connection.on('ready', () => {
    if (told.size > 0) logger.log(`${name} is connected to Redis again`);
    told.clear();
  });
}

/** A refused connection to a name with two IP addresses is an AggregateError, which has no message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
