import type { ServiceName } from '#libs/contracts';
import type { Fernet } from '#libs/encryption';
import type { RedisOptions } from '#libs/redis';

export interface JobsOptions {
  readonly service: ServiceName;
  readonly redis: RedisOptions;
  /** For LISTEN: the service's database itself, not a pooler that hands a session to somebody else after each transaction. */
  readonly databaseUrl: string;
  /** Encrypts the payloads of confidential contracts. All services share its keys. */
  readonly fernet: Fernet;
  /** Handlers of events that run at once in this process. Each holds a connection of the database's pool. Default 5. */
  readonly eventConcurrency?: number;
  /** Handlers of jobs that run at once in this process. Default 5. */
  readonly jobConcurrency?: number;
  /** How long handlers may finish after the process was told to stop. What is not done then is done by another. Default 8 s. */
  readonly shutdownTimeoutMs?: number;
  readonly timings?: Partial<Timings>;
}

/** In milliseconds. The defaults are in ADR 2, with their reasons. */
export interface Timings {
  /** Between looks at the outbox and at the acknowledgements, when nobody notifies. */
  readonly poll: number;
  /** For this long a relay has rows for itself: longer than its longest wait for Redis. */
  readonly lease: number;
  /** An unacknowledged row is added again after this time, then after twice as long, up to `longestRedelivery`. */
  readonly redelivery: number;
  readonly longestRedelivery: number;
  /** A job whose worker does not renew its lock for this long is given to another. */
  readonly lock: number;
  /** Between looks for such jobs. */
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
