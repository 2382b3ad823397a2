import { databaseUrlOf, surroundings, type Variables } from '#libs/command';
import type { ServiceName } from '#libs/contracts';
import { createDataSource, type DatabaseOptions } from '#libs/database';
import type { DataSource } from 'typeorm';

interface Target extends Pick<DatabaseOptions, 'entities'> {
  readonly service: ServiceName;
  readonly environment: Variables;
}

/** Runs the work of a command on a service's database. @throws UsageError if the environment names no database */
export async function withDatabase<T>(
  { service, environment, entities }: Target,
  work: (source: DataSource) => Promise<T>,
): Promise<T> {
  const url = databaseUrlOf(surroundings(environment), service, true);
  const source = await createDataSource({ url, service, poolSize: 1, entities }).initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

/** The part of a command's help about its settings. @param keyIsFor what needs the encryption key, if anything does */
export function databaseHelp(keyIsFor?: string): string {
  const key = `\n  FIELD_ENCRYPTION_KEY     the same value as in auth; only needed ${keyIsFor}`;
  return `  DATABASE_URL_AUTH        the database of auth (or DATABASE_URL)${keyIsFor === undefined ? '' : key}
  If neither is set, the command uses those of the suite that npm start runs.`;
}
