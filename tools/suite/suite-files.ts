import { chmodSync, globSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { writeDotenv } from '#libs/command';
import type { ServiceName } from '#libs/contracts';
import type { ServiceDatabase } from './migrations';
import type { Variables } from './variables';

export interface SuiteUrls {
  /** The gateway's origin: `http://localhost:3000`. */
  readonly api: string;
  /** The mail catcher's pages and its API at `/api/email`. Undefined if the user has their own SMTP server. */
  readonly mail: string | undefined;
  readonly smtp: string;
  readonly redis: string;
  /** The superuser's URL. */
  readonly postgres: string;
  readonly databases: ReadonlyMap<ServiceName, ServiceDatabase>;
}

/** Makes logs, emails and pictures private. Each start creates new logs and keeps those of the previous start. */
export function prepareFiles(folder: string): void {
  const logs = join(folder, 'logs');
  for (const own of [logs, ...['mail', 'objects'].map((name) => join(folder, name))]) {
    mkdirSync(own, { recursive: true });
    chmodSync(own, 0o700);
  }
  for (const name of globSync('*.log', { cwd: logs })) {
    if (name !== 'install.log') renameSync(join(logs, name), join(logs, `${name}.1`));
  }
}

/** Writes `.local/env`, which tells scripts where everything is (`set -a; . .local/env`). */
export function writeAddresses(folder: string, urls: SuiteUrls, settings: Variables): void {
  const { FIELD_ENCRYPTION_KEY } = settings;
  const databases = Object.fromEntries(
    [...urls.databases].flatMap(([service, { serviceUrl, ownerUrl }]) => [
      [`DATABASE_URL_${service.toUpperCase()}`, serviceUrl] as const,
      [`DATABASE_URL_${service.toUpperCase()}_OWNER`, ownerUrl] as const,
    ]),
  );
  writeDotenv(join(folder, 'env'), 'Where the running suite is; written at each start.', {
    API_URL: urls.api,
    ...(urls.mail === undefined ? {} : { MAIL_URL: urls.mail }),
    SMTP_URL: urls.smtp,
    REDIS_URL: urls.redis,
    DATABASE_URL: urls.postgres,
    ...databases,
    // If the user set a key, operator commands need it instead of this clone's own.
    ...(FIELD_ENCRYPTION_KEY === undefined ? {} : { FIELD_ENCRYPTION_KEY }),
  });
}
