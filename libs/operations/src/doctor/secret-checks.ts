import type { Variables } from '#libs/command';
import { isPlaceholder } from '#libs/config';
import { statSync } from 'node:fs';
import { absent, ok, problem, type Check, type Finding } from './check';

const keys = ['FIELD_ENCRYPTION_KEY', 'CSRF_SECRET'];
const isUrl = /^(DATABASE_URL\w*|REDIS_URL|SMTP_URL)$/;

/** @param variables with the content of secret files @param environment as the process got it */
export function secretChecks(variables: Variables, environment: Variables): Check[] {
  const urls = Object.keys(variables).filter((name) => isUrl.test(name) && !name.endsWith('_FILE') && variables[name]);
  const values = [...keys, ...urls].map((name) => ({ name, run: async () => valueFinding(name, variables[name]) }));
  const files = Object.entries(environment).flatMap(([name, path]) =>
    name.endsWith('_FILE') && path && (isUrl.test(name.slice(0, -5)) || keys.includes(name.slice(0, -5)))
      ? [{ name, run: async () => modeFinding(path) }]
      : [],
  );
  return [...values, ...files];
}

function valueFinding(name: string, value: string | undefined): Finding {
  if (!value) return absent(name);
  const secrets = isUrl.test(name) ? [passwordIn(value)] : value.split(',');
  return secrets.some((secret) => secret !== undefined && isPlaceholder(secret.trim()))
    ? problem('a placeholder, or easy to guess', `Generate a new value for ${name}: openssl rand -base64 32`)
    : ok('set, and not a placeholder');
}

function passwordIn(url: string): string | undefined {
  return /^[^:/]+:\/\/[^/?#]*?:([^/?#@]+)@/.exec(url)?.[1];
}

function modeFinding(path: string): Finding {
  const mode = statSync(path).mode & 0o777;
  const seen = `mode ${mode.toString(8).padStart(4, '0')}`;
  return (mode & 0o077) === 0 ? ok(seen) : problem(seen, 'Let only its owner read the file: chmod 0400.');
}
