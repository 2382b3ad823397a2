import type { ServiceName } from '#libs/contracts';
import type { Fernet } from '#libs/encryption';
import type { RedisOptions } from '#libs/redis';

export interface JobsOptions {
  readonly service: ServiceName;
  readonly redis: RedisOptions;
  /**
   * For LISTEN: a direct connection to the service's database. A transaction pooler would lose the LISTEN
   * after each transaction.
   */
  readonly databaseUrl: string;
  /** Encrypts the payloads of confidential contracts. All services share its keys. */
  readonly fernet: Fernet;
  /** How many event handlers run at once in this process. Each uses a connection of the database pool. Default 5. */
  readonly eventConcurrency?: number;
  /** How many job handlers run at once in this process. Default 5. */
  readonly jobConcurrency?: number;
  /** How long handlers can finish after the process was told to stop. Another replica does the rest. Default 8 s. */
  readonly shutdownTimeoutMs?: number;
  readonly timings?: Partial<Timings>;
}

/** In milliseconds. ADR 2 explains the defaults. */
export interface Timings {
  /** The interval of polling the outbox and the acknowledgements without notifications. */
  readonly poll: number;
  /** How long a relay keeps rows for itself. Must exceed its longest wait for Redis. */
  readonly lease: number;
  /**
   * An unacknowledged row is added again after this time, then after twice as long, up to
   * `longestRedelivery`.
   */
  readonly redelivery: number;
  readonly longestRedelivery: number;
  /** A job whose worker does not renew its lock for this long is given to another worker. */
  readonly lock: number;
  /** The interval of checks for such jobs. */
  readonly stalledCheck: number;
}

export const defaultTimings: Timings = {
  poll: 1_000,
  lease: 15_000,
  redelivery: 60_000,
  longestRedelivery: 900_000,
  lock: 20_000,
  stalledCheck: 10_000,
};

export const jobsOptions = Symbol('JobsOptions');
