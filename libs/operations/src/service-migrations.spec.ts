import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { serviceNames } from '#libs/contracts';
import { root } from '#libs/local';

it.each(serviceNames)('finds the migrations of %s in compiled code', (service) => {
  const file = join(root, 'dist', 'libs', 'operations', 'src', 'service-migrations.js');
  const program = 'console.log(require(process.argv[1]).migrationsOf(process.argv[2]).map(({ name }) => name).join())';
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, file, service], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toMatch(/^(\w+\d{13},?)+\n$/);
});
