import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { dataSourceOptions, type DatabaseOptions } from './data-source';

/** SQLSTATEs that retrying does not fix: wrong password, unknown role or database, missing privilege. */
const permanentFailures = new Set(['28P01', '28000', '3D000', '42501']);

/** Provides the service's data source. At startup it waits up to 30 seconds for a server that is still starting. */
export function databaseModule(options: DatabaseOptions): DynamicModule {
  return TypeOrmModule.forRoot({
    ...dataSourceOptions(options),
    retryAttempts: 30,
    retryDelay: 1_000,
    toRetry: (error: unknown) => !permanentFailures.has(sqlStateOf(error)),
  });
}

function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
