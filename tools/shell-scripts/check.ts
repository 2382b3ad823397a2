import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from '#libs/local';
import { hasPackages, isExecutable, libraryFolders, unpackDebianPackage } from '../suite/debian-package';

interface Program {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

const cache = join(root, 'node_modules', '.cache', 'groundwork-shellcheck');
const patterns = ['scripts/**/*.sh', 'tools/**/*.sh', 'k8s/**/*.sh'];

/** No npm package holds ShellCheck, so this takes it from the PATH or from the packages of Debian and Ubuntu. */
function findShellCheck(): Program | undefined {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'shellcheck'))
    .find(isExecutable);
  if (onPath !== undefined) return { path: onPath, env: process.env };
  if (inCache(cache) === undefined && hasPackages()) {
    unpackDebianPackage(['shellcheck'], cache, (folder) => inCache(folder) !== undefined);
  }
  return inCache(cache);
}

function inCache(folder: string): Program | undefined {
  const path = join(folder, 'usr', 'bin', 'shellcheck');
  const env = { ...process.env, LD_LIBRARY_PATH: libraryFolders(folder).join(delimiter) };
  return isExecutable(path) ? { path, env } : undefined;
}

/** @returns the exit code: 0 if no script has a finding, also of style */
function checkShellScripts(): number {
  const program = findShellCheck();
  if (program === undefined) {
    console.log('Shell scripts were not checked: install shellcheck with your package manager.');
    return process.env['CI'] === undefined ? 0 : 1;
  }
  const files = globSync(patterns, { cwd: root, exclude: ['**/node_modules/**'] }).toSorted();
  const { status, error } = spawnSync(program.path, ['-x', ...files], {
    cwd: root,
    env: program.env,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  if (status === 0) console.log(`${files.length} shell scripts have no findings.`);
  return status ?? 1;
}

process.exitCode = checkShellScripts();
