import { createRedis, type RedisOptions } from './connection';
import { closeRedis, whenReady } from './lifecycle';

const waitMs = 5_000;

/**
 * Looks at the server's settings once. INFO is allowed where managed servers forbid CONFIG.
 * @returns what must be changed before the server may hold queues, and what is worth a warning
 */
export async function redisSettings(options: RedisOptions): Promise<{ refusal?: string; warning?: string }> {
  const redis = createRedis(options, 'command');
  try {
    if (!(await whenReady(redis, waitMs)))
      return { warning: 'Redis does not respond yet, so its settings were not checked.' };
    const info = `${await redis.info('memory')}\n${await redis.info('persistence')}`;
    const valueOf = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    const policy = valueOf('maxmemory_policy') ?? 'noeviction';
    if (policy !== 'noeviction') {
      const refusal = `Redis has maxmemory-policy ${policy}, which deletes queued work when memory is full. Set it to noeviction.`;
      return { refusal };
    }
    const hasLog = valueOf('aof_enabled') !== '0';
    return hasLog
      ? {}
      : { warning: 'Redis has no append-only file: a restart loses queued requests. Set appendonly yes.' };
  } finally {
    await closeRedis(redis);
  }
}
