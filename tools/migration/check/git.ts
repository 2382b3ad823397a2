import { execFileSync } from 'node:child_process';

/** Runs git in a folder. Returns undefined when it fails, such as outside of a repository. */
export function git(folder: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 26,
    });
  } catch {
    return undefined;
  }
}

/** The newest release that this history has, or undefined before the first. */
export function newestRelease(folder: string): string | undefined {
  return git(folder, 'describe', '--tags', '--abbrev=0')?.trim();
}

/** The branch that migrations land on. Undefined without its whole history. */
export function landingBranch(folder: string): string | undefined {
  if (git(folder, 'rev-parse', '--is-shallow-repository')?.trim() !== 'false') return undefined;
  return ['origin/HEAD', 'HEAD'].find((ref) => git(folder, 'rev-parse', '--verify', '--quiet', ref) !== undefined);
}
