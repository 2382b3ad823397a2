import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '#libs/local';
import { z } from 'zod';
import { services } from './apps';

/** Telemetry wraps these packages when they are loaded. If they are loaded before it starts, they are never traced. */
const wrapped = /node_modules\/(?:pg|ioredis|typeorm|bullmq|fastify|@nestjs\/platform-fastify)\//;

it.each(services)('the definition of %s loads nothing that telemetry wraps', (service) => {
  const file = join(root, 'dist', 'apps', service, 'src', 'index.js');
  const program = 'require(process.argv[1]); console.log(JSON.stringify(Object.keys(require.cache)))';
  const { stdout } = spawnSync(process.execPath, ['-e', program, file], { encoding: 'utf8' });
  const loaded = z.array(z.string()).parse(JSON.parse(stdout));
  expect(loaded).toContain(file);
  expect(loaded.filter((path) => wrapped.test(path))).toEqual([]);
});
