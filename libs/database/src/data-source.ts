import type { ServiceName } from '#libs/contracts';
import { DataSource } from 'typeorm';
import { SnakeCaseNamingStrategy } from './naming-strategy';

export interface DatabaseOptions {
  /**
   * `postgresql://user:password@host:port/database`. Add `?sslmode=verify-full` if the server runs on another machine.
   */
  readonly url: string;
  readonly service: ServiceName;
  /** Maximum connections of this process. The sum over all replicas must stay below the server's max_connections. */
  readonly poolSize: number;
  readonly entities: readonly (new () => object)[];
}

/**
 * In milliseconds. A statement that exceeds one fails and its transaction rolls back, so it can't hold
 * locks that others wait for.
 */
const timeouts = {
  connect: 5_000,
  statement: 15_000,
  lock: 5_000,
  idleInTransaction: 30_000,
} as const;

export function dataSourceOptions({ url, service, poolSize, entities }: DatabaseOptions) {
  return {
    type: 'postgres' as const,
    url,
    entities: [...entities],
    poolSize,
    applicationName: `groundwork ${service}`,
    connectTimeoutMS: timeouts.connect,
    extra: {
      statement_timeout: timeouts.statement,
      lock_timeout: timeouts.lock,
      idle_in_transaction_session_timeout: timeouts.idleInTransaction,
      keepAlive: true,
    },
    namingStrategy: new SnakeCaseNamingStrategy(),
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
  };
}

/** Creates a data source outside Nest, for commands and tests. The caller initializes and destroys it. */
export function createDataSource(options: DatabaseOptions): DataSource {
  return new DataSource(dataSourceOptions(options));
}
