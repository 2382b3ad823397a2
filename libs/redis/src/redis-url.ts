import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Where Redis runs and how to authenticate, in any mode. */
export interface RedisTarget {
  readonly kind: 'standalone' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly addresses: readonly RedisAddress[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  /** The name of the primary in Sentinel. */
  readonly primaryName: string | undefined;
  readonly sentinelPassword: string | undefined;
  readonly tls: ConnectionOptions | undefined;
}

const pattern =
  /^redis(?<tls>s?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#@]+)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/;

const expected =
  'redis://[user:password@]host[:port][/db], rediss://… for TLS, ' +
  'redis+sentinel://[user:password@]host:port,host:port/primary-name[/db][?sentinelPassword=…] or redis+cluster://[user:password@]host:port,host:port';

/**
 * Parses a Redis URL. User, password and the sentinels' password are percent-decoded.
 * @param tlsCaFile PEM file of the authority that signed the server's certificate, if the system does not
 * trust it
 * @throws Error that says what is expected; it never repeats the URL, which contains a password
 */
export function parseRedisUrl(url: string, tlsCaFile?: string): RedisTarget {
  const groups = pattern.exec(url)?.groups;
  if (!groups) throw new Error(`The Redis URL cannot be read. Expected ${expected}.`);
  const kind = groups['kind'] === 'sentinel' || groups['kind'] === 'cluster' ? groups['kind'] : 'standalone';
  const addresses = (groups['hosts'] ?? '')
    .split(',')
    .map((host) => parseAddress(host, kind === 'sentinel' ? 26_379 : 6379));
  if (kind === 'standalone' && addresses.length > 1) {
    throw new Error(
      `The Redis URL names several hosts, which only redis+sentinel:// and redis+cluster:// take. Expected ${expected}.`,
    );
  }
  const path = (groups['path'] ?? '').split('/').filter((part) => part !== '');
  const primaryName = kind === 'sentinel' ? path.shift() : undefined;
  if (kind === 'sentinel' && !primaryName)
    throw new Error(`The Redis URL lacks the primary's name. Expected ${expected}.`);
  return {
    kind,
    addresses,
    username: decoded(groups['username']),
    password: decoded(groups['password']),
    db: parseDb(path, kind),
    primaryName,
    sentinelPassword: new URLSearchParams(groups['query']).get('sentinelPassword') ?? undefined,
    tls: groups['tls'] ? tlsOptions(tlsCaFile) : undefined,
  };
}

function parseAddress(text: string, defaultPort: number): RedisAddress {
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const host = match?.groups?.['v6'] ?? match?.groups?.['name'];
  const port = Number(match?.groups?.['port'] ?? defaultPort);
  if (!host || port < 1 || port > 65_535)
    throw new Error(`The Redis URL has a host that cannot be read. Expected ${expected}.`);
  return { host, port };
}

function parseDb(path: readonly string[], kind: RedisTarget['kind']): number {
  const [text, ...rest] = path;
  if (text === undefined) return 0;
  if (!/^\d{1,4}$/.test(text) || rest.length > 0)
    throw new Error(`The Redis URL has a wrong database number. Expected ${expected}.`);
  if (kind === 'cluster' && text !== '0')
    throw new Error('The Redis URL names a database, but a Redis Cluster has only database 0.');
  return Number(text);
}

function decoded(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(
      'The Redis URL has a user or password that is not percent-encoded (write % as %25, @ as %40, / as %2F).',
    );
  }
}

function tlsOptions(caFile: string | undefined): ConnectionOptions {
  return caFile ? { ca: readFileSync(caFile) } : {};
}
