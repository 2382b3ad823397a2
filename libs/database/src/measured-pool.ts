import { durationHistogram, gauge } from '#libs/observability';
import pg, { type PoolClient, type PoolConfig } from 'pg';

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

const pools = new Set<pg.Pool>();

gauge(
  'database_pool_connections',
  'Connections of this process to its database. state: busy, idle, waiting (for one that is free).',
  ['state'],
  (connections) => {
    const sum = (count: (pool: pg.Pool) => number) => [...pools].reduce((total, pool) => total + count(pool), 0);
    connections.set(
      { state: 'busy' },
      sum(({ totalCount, idleCount }) => totalCount - idleCount),
    );
    connections.set(
      { state: 'idle' },
      sum(({ idleCount }) => idleCount),
    );
    connections.set(
      { state: 'waiting' },
      sum(({ waitingCount }) => waitingCount),
    );
  },
);

const waited = durationHistogram(
  'database_pool_wait_seconds',
  'How long work waited for a database connection, a new one included.',
);

/** Measures how many connections are in use, and how long work waits for one. */
class MeasuredPool extends pg.Pool {
  constructor(config?: PoolConfig) {
    super(config);
    pools.add(this);
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    const measured = waited.startTimer();
    if (callback === undefined) return super.connect().finally(measured);
    return super.connect((error, client, done) => {
      measured();
      callback(error, client, done);
    });
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    pools.delete(this);
    return callback === undefined ? super.end() : super.end(callback);
  }
}

/** For TypeORM's `driver`: the package, with pools that are measured. */
export const measuredDriver = { ...pg, Pool: MeasuredPool };
