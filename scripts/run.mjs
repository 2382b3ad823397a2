// Runs on the lockfile's Node: compiles, then hands over to the compiled command.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, root } from './build.mjs';

const [, , command = '', ...args] = process.argv;
const compiled = join(root, 'dist', 'scripts', `${command}.js`);

const { exitCode, output } = await build();
// The tests go on: reporting type errors is their business.
if (exitCode !== 0 && (command !== 'test' || !existsSync(compiled))) {
  console.error(output.trimEnd());
  console.error('\nThe build failed: see the errors above.');
  process.exit(1);
}
process.argv = [process.argv[0] ?? '', compiled, ...args];
createRequire(import.meta.url)(compiled);
