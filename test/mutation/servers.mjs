import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const serversName = 'ends-the-servers';

const root = join(import.meta.dirname, '..', '..');
let stop = async () => undefined;

/** One PostgreSQL for all workers, which inherit the variables. Jest's own setup would start one per mutant. */
export async function startServers() {
  spawnSync(process.execPath, [join(root, 'tools', 'suite', 'build.mjs'), '--no-check'], {
    cwd: root,
    stdio: 'inherit',
  });
  const load = createRequire(join(root, 'dist', 'tools', 'suite', 'index.js'));
  const postgres = await load('./test-postgres.js').startTestPostgres();
  stop = postgres.stop;
  process.env['TEST_DATABASE_URL'] = postgres.url;
  process.env['TEST_RUN'] = randomBytes(4).toString('hex');
  const server = load('./redis-server.js').findRedisServer(load('#libs/local').redisCache, console.log);
  process.env['TEST_REDIS_SERVER'] = JSON.stringify(server);
  // Mutants in constructors only work if the objects have not been constructed before.
  process.env['TEST_ISOLATED'] = 'yes';
}

/** Stryker tells its reporters when it has finished. It would never exit while the server runs. */
class EndOfServers {
  wrapUp() {
    return stop();
  }
}

export const strykerPlugins = [{ kind: 'Reporter', name: serversName, injectableClass: EndOfServers }];
