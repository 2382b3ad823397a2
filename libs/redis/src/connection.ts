import { Cluster, Redis, type ClusterOptions, type RedisOptions as IoRedisOptions } from 'ioredis';
import { reportConnectionState } from './connection-state';
import { startHeartbeat } from './heartbeat';
import type { RedisConnection } from './lifecycle';
import { parseRedisUrl, type RedisTarget } from './redis-url';

/**
 * The purpose of a connection:
 * - `command`: fails at once while Redis is down and never sends a command twice.
 * - `blocking`: the same without a timeout per command, for one blocking command at a time.
 * - `subscriber`: subscriptions wait for the connection and are restored with it.
 * - `bullmq`: commands wait for the connection, as BullMQ requires for its workers.
 */
export type RedisPurpose = 'command' | 'blocking' | 'subscriber' | 'bullmq';

export interface RedisOptions {
  /** See `parseRedisUrl`. */
  readonly url: string;
  /** Shown by CLIENT LIST and in the log, such as `auth`. */
  readonly name: string;
  /** PEM file of the authority that signed the server's certificate. */
  readonly tlsCaFile?: string | undefined;
}

const commandTimeoutMs = 5_000;
const longestReconnectDelayMs = 2_000;

/** Creates every connection to Redis. It connects by itself, reconnects forever, and logs when it is lost and back. */
export function createRedis(options: RedisOptions, purpose: RedisPurpose): RedisConnection {
  const target = parseRedisUrl(options.url, options.tlsCaFile);
  const connectionName = `${options.name}:${purpose}`;
  const settings = { ...settingsFor(purpose), ...signIn(target), connectionName };
  const connection =
    target.kind === 'cluster' ? createCluster(target, settings) : new Redis({ ...settings, ...serverOf(target) });
  reportConnectionState(connection, connectionName);
  // A blocked connection can't reply to a heartbeat, so the code that blocks must watch it.
  if (purpose !== 'blocking') startHeartbeat(connection);
  return connection;
}

function settingsFor(purpose: RedisPurpose): IoRedisOptions {
  const waits = purpose === 'subscriber' || purpose === 'bullmq';
  return {
    connectTimeout: 5_000,
    keepAlive: 10_000,
    // ioredis waits this long for the other end to close, even if it is gone.
    disconnectTimeout: 200,
    disableClientInfo: true,
    retryStrategy: reconnectDelayMs,
    // After a failover the old primary is a replica, so this connection must move to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    enableOfflineQueue: waits,
    // Otherwise ioredis resends a command whose reply was lost, although it may have run.
    autoResendUnfulfilledCommands: waits,
    // 0 rejects pending commands when the connection closes. Otherwise, without resending, they would never
    // settle.
    maxRetriesPerRequest: waits ? null : 0,
    ...(purpose === 'command' ? { commandTimeout: commandTimeoutMs } : {}),
  };
}

/**
 * Milliseconds until the next attempt: 50, 100, 200 … 2,000, minus a random part, so that replicas do not
 * all reconnect at once.
 */
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
    // Each of these would resend a command whose reply was lost.
    retryDelayOnFailover: 0,
    shardedSubscribers: true,
    // Certificates contain host names, not IP addresses.
    ...(target.tls ? { dnsLookup: (host, callback) => callback(null, host) } : {}),
  };
  return new Cluster([...target.addresses], options);
}
