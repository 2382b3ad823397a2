import type { ServiceName } from '#libs/contracts';
import { DataSource } from 'typeorm';
import { measuredDriver } from './measured-pool';
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

const connectTimeoutMs = 5_000;

export function dataSourceOptions({ url, service, poolSize, entities }: DatabaseOptions) {
  return {
    type: 'postgres' as const,
    driver: measuredDriver,
    url,
    entities: [...entities],
    poolSize,
    applicationName: `groundwork ${service}`,
    connectTimeoutMS: connectTimeoutMs,
    // No time-outs of statements: the role has them. See setTimeouts.
    extra: { keepAlive: true },
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
