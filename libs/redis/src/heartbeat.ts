import { Redis } from 'ioredis';
import type { RedisConnection } from './lifecycle';

const heartbeatMs = 5_000;

/**
 * Detects within 10 s that the other end is gone (a cut cable, a frozen host). TCP alone needs a quarter
 * of an hour.
 * ioredis's `socketTimeout` is not used, because its timer outlives the socket and then destroys the next
 * one.
 */
export function startHeartbeat(connection: RedisConnection): void {
  const unanswered = new WeakSet<Redis>();
  const timer = setInterval(() => {
    for (const node of nodesOf(connection)) {
      if (node.status !== 'ready') continue;
      if (unanswered.delete(node)) {
        node.disconnect(true);
        continue;
      }
      unanswered.add(node);
      node.ping().then(
        () => unanswered.delete(node),
        () => (node.status === 'ready' ? undefined : unanswered.delete(node)),
      );
    }
  }, heartbeatMs);
  timer.unref();
  connection.once('end', () => clearInterval(timer));
}

/** Drops the socket and reconnects. Pending commands are rejected. */
export function reconnect(connection: RedisConnection): void {
  for (const node of nodesOf(connection)) node.disconnect(true);
}

function nodesOf(connection: RedisConnection): readonly Redis[] {
  return connection instanceof Redis ? [connection] : connection.nodes('all');
}
