import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './paths';
import { identify, isRunning } from './processes';

const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const lock = join(dist, '.building');

/**
 * Compiles what changed; tests that start whole processes run the compiled services. Type errors do not stop it: the type
 * check reports them. Returns the compiler's exit code, 0 when nothing had changed.
 */
export async function build(): Promise<number> {
  mkdirSync(dist, { recursive: true });
  while (!takeLock()) await delay(50);
  try {
    if (isFresh()) return 0;
    const started = new Date();
    const compiler = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
    const result = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
      cwd: root,
      encoding: 'utf8',
    });
    if (result.status === 0) writeFileSync(stamp, started.toISOString());
    return result.status ?? 1;
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Two runs at the same time must not write the same files; a killed one's lock does not count. */
function takeLock(): boolean {
  try {
    writeFileSync(lock, JSON.stringify(identify(process.pid)), { flag: 'wx' });
    return true;
  } catch {
    if (!isHeld()) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(): boolean {
  try {
    return isRunning(JSON.parse(readFileSync(lock, 'utf8')));
  } catch {
    // Just being written, or gone.
    return existsSync(lock) && Date.now() - statSync(lock).mtimeMs < 1_000;
  }
}

function isFresh(): boolean {
  if (!existsSync(stamp)) return false;
  const builtAt = new Date(readFileSync(stamp, 'utf8')).getTime();
  const sources = globSync(['{apps,libs,scripts}/**/*.ts', 'tsconfig*.json', 'package-lock.json'], { cwd: root });
  return sources.every((file) => statSync(join(root, file)).mtimeMs < builtAt);
}
