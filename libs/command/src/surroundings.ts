import { join } from 'node:path';
import { readSecretFiles } from '#libs/config';
import type { ServiceName } from '#libs/contracts';
import { Fernet, FernetError, parseFieldEncryptionKeys } from '#libs/encryption';
import { readDotenv } from './dotenv';
import { localFolder } from '#libs/local';
import { UsageError, type Variables } from './command';

/** Returns the environment. If it names neither a key nor a database, returns the running local suite's. */
export function surroundings(environment: Variables): Variables {
  const own = Object.keys(environment).some(
    (name) => name.startsWith('FIELD_ENCRYPTION_KEY') || name.startsWith('DATABASE_URL'),
  );
  if (own) return readSecretFiles(secretsOf(environment), environment);
  return { ...readDotenv(join(localFolder, 'secrets.env')), ...readDotenv(join(localFolder, 'env')) };
}

/** Commands read `FIELD_ENCRYPTION_KEY_FILE` and `DATABASE_URL_AUTH_FILE` as services do. */
function secretsOf(environment: Variables): string[] {
  return Object.keys(environment).flatMap((name) =>
    /^(FIELD_ENCRYPTION_KEY|DATABASE_URL\w*)_FILE$/.test(name) ? [name.replace(/_FILE$/, '')] : [],
  );
}

/** @throws UsageError */
export function fernetOf({ FIELD_ENCRYPTION_KEY: text }: Variables): Fernet {
  if (!text)
    throw new UsageError(
      'FIELD_ENCRYPTION_KEY is not set. Set it to the value that the services use, with the newest key first.',
    );
  try {
    return new Fernet(parseFieldEncryptionKeys(text));
  } catch (error) {
    throw error instanceof FernetError ? new UsageError(`FIELD_ENCRYPTION_KEY is not valid. ${error.message}`) : error;
  }
}

/**
 * Reads the service's own variable, or DATABASE_URL if the command is about a single service.
 * @throws UsageError
 */
export function databaseUrlOf(variables: Variables, service: ServiceName, isOnlyOne: boolean): string {
  const variable = `DATABASE_URL_${service.toUpperCase()}`;
  const url = variables[variable] || (isOnlyOne ? variables['DATABASE_URL'] : undefined);
  if (!url) throw new UsageError(`${variable} is not set. Set it, or name a single service and set DATABASE_URL.`);
  return url;
}
