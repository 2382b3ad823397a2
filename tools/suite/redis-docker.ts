import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisServer } from '#libs/local';

/**
 * Stands in for redis-server and takes the same arguments. A SIGTERM reaches the server through Docker. A
 * SIGKILL only ends the client, so a container with our name is removed before the next start.
 * The image's own entry point would switch from root to a user who can't read root's folder.
 */
const script = `#!/bin/sh
port=6379 dir=/tmp last=
for argument in "$@"; do
  case "$last" in
    --port | --tls-port) [ "$argument" = 0 ] || port=$argument ;;
    --dir) dir=$argument ;;
  esac
  last=$argument
done
docker rm --force "groundwork-redis-$port" >/dev/null 2>&1
exec docker run --rm --name "groundwork-redis-$port" --user "$(id -u):$(id -g)" \\
  --publish "127.0.0.1:$port:$port" --volume "$dir:$dir" \\
  --entrypoint redis-server redis:7-alpine "$@" --bind 0.0.0.0 --protected-mode no
`;

/** The last resort if no package is available. Undefined unless Docker runs. */
export function redisInDocker(folder: string): RedisServer | undefined {
  if (spawnSync('docker', ['info'], { env: process.env, stdio: 'ignore', timeout: 20_000 }).status !== 0)
    return undefined;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'redis-server');
  writeFileSync(path, script, { mode: 0o755 });
  // The variables by which the docker command finds its daemon and credentials.
  const kept = ['HOME', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY'];
  const env = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { path, env: Object.fromEntries(env) };
}
