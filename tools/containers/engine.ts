import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const mostOutput = 1 << 26;

/** Runs `docker`. @returns what it wrote, without the last line break. @throws Error with what it said */
export async function docker(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { stdout } = await execute('docker', [...args], { env, maxBuffer: mostOutput });
  return stdout.trimEnd();
}

export interface Outcome {
  readonly code: number | null;
  /** Everything that it wrote to both streams. */
  readonly output: string;
}

/** Runs a program to its end, whatever its exit code. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text: string) => void (output += text);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
