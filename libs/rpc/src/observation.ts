import type { RequestContext } from '#libs/contracts';
import { Logger } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';

const storage = new AsyncLocalStorage<RequestContext>();
export const metrics = new Registry();
export function runInContext<T>(context: RequestContext, fn: () => T): T {
  return storage.run(context, fn);
}
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}
const logger = new Logger('Error');
export function reportError(error: unknown, context: Record<string, unknown>): string {
  const id = randomUUID();
  logger.error({ id, error, ...context });
  return id;
}
