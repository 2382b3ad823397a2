import type { Cluster, Redis } from 'ioredis';

export type RedisConnection = Redis | Cluster;

/**
 * Waits until commands can be sent.
 * @returns false if `timeoutMs` passed first
 */
export async function whenReady(connection: RedisConnection, timeoutMs: number): Promise<boolean> {
  if (connection.status === 'ready') return true;
  if (connection.status === 'end') return false;
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer);
      connection.off('ready', onReady).off('end', onEnd);
      resolve(ready);
    };
    const onReady = () => settle(true);
    const onEnd = () => settle(false);
    const timer = setTimeout(() => settle(false), timeoutMs);
    connection.once('ready', onReady).once('end', onEnd);
  });
}

/** Sends pending commands, then closes. Closes anyway if Redis does not reply within a second. */
export async function closeRedis(connection: RedisConnection): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => (timer = setTimeout(resolve, 1_000)));
  if (connection.status === 'ready') await Promise.race([connection.quit().catch(() => undefined), expired]);
  clearTimeout(timer);
  connection.disconnect();
}
