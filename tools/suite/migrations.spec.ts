import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '#libs/local';
import { services } from './apps';

it.each(services)('finds the migrations of %s as npm start does, in compiled code', (service) => {
  const file = join(root, 'dist', 'tools', 'suite', 'migrations.js');
  const program =
    'require(process.argv[1]).migrationsOf(process.argv[2]).then((found) => console.log(found.map(({ name }) => name).join()))';
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, file, service], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toMatch(/^(\w+\d{13},?)+\n$/);
});
