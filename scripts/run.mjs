// Runs on the lockfile's Node: compiles, then hands over to the compiled command.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, root } from '../tools/suite/build.mjs';

const [, , command = '', ...args] = process.argv;
const compiled = join(root, 'dist', 'scripts', `${command}.js`);

// To others type errors do not matter; the tests look for them beside the tests.
const checkTypes = command === 'start' || command === 'dev';
const { exitCode, output } = await build({ checkTypes });
// A session of development goes on in spite of them.
const needsCleanBuild = command === 'start';
if (exitCode !== 0 && (needsCleanBuild || !existsSync(compiled))) {
  console.error(`${output.trimEnd()}\n\nThe build failed. Fix the errors above.`);
  process.exit(1);
}
if (exitCode !== 0 && command === 'dev') console.error(output.trimEnd());
process.argv = [process.argv[0] ?? '', compiled, ...args];
createRequire(import.meta.url)(compiled);
