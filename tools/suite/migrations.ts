import type { ServiceName } from '#libs/contracts';
import { provisionDatabase, runMigrations } from '#libs/database';
import { migrationsOf } from '#libs/operations';
import type { Secrets } from './secrets';

export interface ServiceDatabase {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  /** The migrations that ran now. */
  readonly migrated: readonly string[];
}

/** The service's own database and roles, with its schema up to date. */
export async function prepareDatabase(
  adminUrl: string,
  service: ServiceName,
  secrets: Secrets,
): Promise<ServiceDatabase> {
  const urls = await provisionDatabase(adminUrl, service, secrets.databasePasswords(service));
  return { ...urls, migrated: await runMigrations(urls.ownerUrl, migrationsOf(service)) };
}
