// Runs on the lockfile's Node: compiles, then runs the compiled command.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, root } from '../tools/suite/build.mjs';

const [, , command = '', ...args] = process.argv;
const compiled = join(root, 'dist', 'scripts', `${command}.js`);

// Other commands ignore type errors. The tests report them.
const checkTypes = command === 'start' || command === 'dev';
const { exitCode, output } = await build({ checkTypes });
// A development session continues with type errors.
const needsCleanBuild = command === 'start';
if (exitCode !== 0 && (needsCleanBuild || !existsSync(compiled))) {
  console.error(`${output.trimEnd()}\n\nThe build failed. Fix the errors above.`);
  process.exit(1);
}
if (exitCode !== 0 && command === 'dev') console.error(output.trimEnd());
process.argv = [process.argv[0] ?? '', compiled, ...args];
createRequire(import.meta.url)(compiled);
