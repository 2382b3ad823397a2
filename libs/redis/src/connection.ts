import { Cluster, Redis, type ClusterOptions, type RedisOptions as IoRedisOptions } from 'ioredis';
import { reportConnectionState } from './connection-state';
import { startHeartbeat } from './heartbeat';
import type { RedisConnection } from './lifecycle';
import { parseRedisUrl, type RedisTarget } from './redis-url';

/**
 * What a connection is for:
 * - `command`: fails at once while Redis is away, and never sends a command twice;
 * - `blocking`: the same without a time limit per command, for one blocking command at a time;
 * - `subscriber`: subscriptions wait for the connection and come back with it;
 * - `bullmq`: commands wait for the connection, as BullMQ requires of its workers.
 */
export type RedisPurpose = 'command' | 'blocking' | 'subscriber' | 'bullmq';

export interface RedisOptions {
  /** See `parseRedisUrl`. */
  readonly url: string;
  /** Shown by CLIENT LIST and in the log: `auth`. */
  readonly name: string;
  /** PEM file of the authority that signed the server's certificate. */
  readonly tlsCaFile?: string | undefined;
}

const commandTimeoutMs = 5_000;
const longestReconnectDelayMs = 2_000;

/** The one place that makes connections to Redis. It connects by itself, reconnects for ever, and logs when it is lost and back. */
export function createRedis(options: RedisOptions, purpose: RedisPurpose): RedisConnection {
  const target = parseRedisUrl(options.url, options.tlsCaFile);
  const connectionName = `${options.name}:${purpose}`;
  const settings = { ...settingsFor(purpose), ...signIn(target), connectionName };
  const connection =
    target.kind === 'cluster' ? createCluster(target, settings) : new Redis({ ...settings, ...serverOf(target) });
  reportConnectionState(connection, connectionName);
  // A connection that blocks cannot answer a heartbeat: whoever blocks on it watches it.
  if (purpose !== 'blocking') startHeartbeat(connection);
  return connection;
}

function settingsFor(purpose: RedisPurpose): IoRedisOptions {
  const waits = purpose === 'subscriber' || purpose === 'bullmq';
  return {
    connectTimeout: 5_000,
    keepAlive: 10_000,
    // ioredis waits so long for the other end to close, even where there is none.
    disconnectTimeout: 200,
    disableClientInfo: true,
    retryStrategy: reconnectDelayMs,
    // After a failover the old primary is a replica, which this connection must leave.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    enableOfflineQueue: waits,
    // Else ioredis sends a command again whose answer was lost with the connection, though it may have run.
    autoResendUnfulfilledCommands: waits,
    // 0 rejects what is under way when the connection closes; without it and without resending, such a command would never settle.
    maxRetriesPerRequest: waits ? null : 0,
    ...(purpose === 'command' ? { commandTimeout: commandTimeoutMs } : {}),
  };
}

/** Milliseconds until the next attempt: 50, 100, 200 … 2,000, less a random part so that a fleet does not come back in one instant. */
function reconnectDelayMs(attempt: number): number {
  const ceiling = Math.min(50 * 2 ** Math.min(attempt - 1, 10), longestReconnectDelayMs);
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}

function signIn(target: RedisTarget): IoRedisOptions {
  return {
    ...(target.username ? { username: target.username } : {}),
    ...(target.password ? { password: target.password } : {}),
    ...(target.tls ? { tls: target.tls } : {}),
  };
}

function serverOf(target: RedisTarget): IoRedisOptions {
  if (target.kind === 'standalone') return { ...target.addresses[0], db: target.db };
  return {
    sentinels: [...target.addresses],
    ...(target.primaryName ? { name: target.primaryName } : {}),
    ...(target.sentinelPassword ? { sentinelPassword: target.sentinelPassword } : {}),
    ...(target.tls ? { sentinelTLS: target.tls, enableTLSForSentinelMode: true } : {}),
    sentinelRetryStrategy: reconnectDelayMs,
    db: target.db,
  };
}

function createCluster(target: RedisTarget, settings: IoRedisOptions): Cluster {
  const { enableOfflineQueue = true, retryStrategy: _, ...redisOptions } = settings;
  const options: ClusterOptions = {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: reconnectDelayMs,
    // Each of these would send a command again whose answer was lost.
    retryDelayOnFailover: 0,
    shardedSubscribers: true,
    // Certificates name hosts, not addresses.
    ...(target.tls ? { dnsLookup: (host, callback) => callback(null, host) } : {}),
  };
  return new Cluster([...target.addresses], options);
}
