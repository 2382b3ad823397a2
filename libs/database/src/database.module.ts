import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { dataSourceOptions, type DatabaseOptions } from './data-source';

/** SQLSTATEs that waiting does not cure: wrong password, no such role, database or privilege. */
const permanentFailures = new Set(['28P01', '28000', '3D000', '42501']);

/** The service's data source. At start it waits up to half a minute for a server that is still coming up. */
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
