import { parseArgs } from 'node:util';
import { UsageError } from '#libs/command';
import type { ChosenPorts } from './suite-ports';
import type { ExternalServers } from './suite-servers';

export interface StartOptions {
  readonly replicas: number;
  readonly ports: ChosenPorts;
  readonly servers: ExternalServers;
}

const mostReplicas = 8;

export function readStartOptions(args: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const databaseUrl = serverUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:']);
  const redisUrl = serverUrl(env, 'REDIS_URL', ['redis:', 'rediss:']);
  const smtpUrl = serverUrl(env, 'SMTP_URL', ['smtp:', 'smtps:']);
  return {
    replicas: replicasFrom(args),
    ports: {
      ...port(env, 'PORT'),
      ...port(env, 'MAIL_UI_PORT'),
      ...port(env, 'SMTP_PORT'),
      ...port(env, 'MANAGEMENT_PORT'),
    },
    servers: {
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(redisUrl === undefined ? {} : { redisUrl }),
      ...(smtpUrl === undefined ? {} : { smtpUrl }),
    },
  };
}

function replicasFrom(args: readonly string[]): number {
  try {
    const { values } = parseArgs({ args: [...args], options: { replicas: { type: 'string', default: '1' } } });
    const replicas = Number(values.replicas);
    if (Number.isInteger(replicas) && replicas >= 1 && replicas <= mostReplicas) return replicas;
  } catch {
    // Unknown options also lead to the error below.
  }
  throw new UsageError(
    `Invalid arguments: ${args.join(' ')}. Use --replicas with 1 to ${mostReplicas}. See: npm start -- --help`,
  );
}

function port(env: NodeJS.ProcessEnv, name: keyof ChosenPorts): ChosenPorts {
  const value = env[name];
  if (value === undefined || value === '') return {};
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return { [name]: number };
  throw new UsageError(`${name}=${value} is not a port. Set a number from 1 to 65535, or unset ${name}.`);
}

function serverUrl(env: NodeJS.ProcessEnv, name: string, protocols: readonly string[]): string | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
  throw new UsageError(
    `${name} is not a ${protocols.join('// or ')}// URL. Correct it, or unset it to use the embedded server.`,
  );
}
