import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import type { RolePasswords } from '#libs/database';
import { readDotenv, writeDotenv } from '#libs/command';

export interface Secrets {
  readonly fieldEncryptionKey: string;
  readonly csrfSecret: string;
  /** The password of the embedded PostgreSQL's superuser. */
  readonly postgresPassword: string;
  databasePasswords(service: ServiceName): RolePasswords;
}

const random = () => randomBytes(24).toString('base64url');
/** 32 bytes in base64url with padding, as the Fernet specification requires. */
const fernetKey = () => `${randomBytes(32).toString('base64url')}=`;

/** This clone's own secrets, created once. Secrets that a newer version needs are added. */
export function localSecrets(folder: string, services: readonly ServiceName[]): Secrets {
  const file = join(folder, 'secrets.env');
  const secrets = readDotenv(file);
  const secret = (name: string, make = random) => (secrets[name] ??= make());
  const passwords = new Map(
    services.map((service) => [
      service,
      {
        ownerPassword: secret(`DATABASE_PASSWORD_${service.toUpperCase()}_OWNER`),
        servicePassword: secret(`DATABASE_PASSWORD_${service.toUpperCase()}`),
      },
    ]),
  );
  const named = {
    fieldEncryptionKey: secret('FIELD_ENCRYPTION_KEY', fernetKey),
    csrfSecret: secret('CSRF_SECRET'),
    postgresPassword: secret('POSTGRES_PASSWORD'),
  };
  writeDotenv(file, 'Secrets of this clone only. Without FIELD_ENCRYPTION_KEY, encrypted fields are lost.', secrets);
  return { ...named, databasePasswords: (service) => found(passwords, service) };
}

function found<T>(map: ReadonlyMap<ServiceName, T>, service: ServiceName): T {
  const value = map.get(service);
  if (value === undefined) throw new Error(`There are no secrets for ${service}.`);
  return value;
}
