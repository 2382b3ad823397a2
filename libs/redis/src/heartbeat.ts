import { Redis } from 'ioredis';
import type { RedisConnection } from './lifecycle';

const heartbeatMs = 5_000;

/**
 * Finds out within 10 s that the other end is gone without a word (a cut cable, a frozen host), which TCP alone takes a quarter of an hour
 * for. ioredis' own `socketTimeout` would do, but its timer outlives the socket and then destroys the next one.
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

/** Drops the socket and connects anew: what waits on it is rejected. */
export function reconnect(connection: RedisConnection): void {
  for (const node of nodesOf(connection)) node.disconnect(true);
}

function nodesOf(connection: RedisConnection): readonly Redis[] {
  return connection instanceof Redis ? [connection] : connection.nodes('all');
}
