import { randomUUID } from 'node:crypto';
import { logger } from './logger';

/**
 * For surprises: logs the error and sends it to Sentry where that is on.
 * @param context short facts that help: a route, a contract, a job
 * @returns the error's id, which a client may be told
 */
export function reportError(error: unknown, context: Readonly<Record<string, unknown>> = {}): string {
  const errorId = randomUUID();
  logger().error(
    { ...context, errorId, err: error instanceof Error ? error : new Error(String(error)) },
    'unexpected error',
  );
  return errorId;
}
