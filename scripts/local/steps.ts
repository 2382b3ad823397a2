import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { root } from './paths';

export interface Step {
  readonly name: string;
  /** Arguments for Node, the script among them, in the clone's folder. */
  readonly args: readonly string[];
  /**
   * Where its standard output goes, while its standard error, which tells of the progress, is shown as it comes. Without it
   * both are kept, to be shown when the step fails.
   */
  readonly outputFile?: string;
  /** A step that takes longer has failed. */
  readonly limitMs: number;
  /** How many tests passed and failed; without it a step is one that passes silently or fails once. */
  readonly count?: (exitCode: number) => { passed: number; failed: number };
}

export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly tookMs: number;
  readonly output: string;
}

/** The lanes side by side, the steps of each lane one after the other, in the order of the lanes. */
export async function inLanes(
  lanes: readonly (readonly Step[])[],
  report: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const perLane = await Promise.all(
    lanes.map(async (lane) => {
      const outcomes: Outcome[] = [];
      for (const step of lane) {
        const outcome = await run(step);
        report(outcome);
        outcomes.push(outcome);
      }
      return outcomes;
    }),
  );
  return perLane.flat();
}

async function run(step: Step): Promise<Outcome> {
  const startedAt = Date.now();
  const { exitCode, output } = await runProgram(step);
  const counted = step.count?.(exitCode) ?? { passed: 0, failed: exitCode === 0 ? 0 : 1 };
  return { name: step.name, ...counted, tookMs: Date.now() - startedAt, output };
}

function runProgram({ args, outputFile, limitMs }: Step): Promise<{ exitCode: number; output: string }> {
  const file = outputFile === undefined ? undefined : openOutput(outputFile);
  const child = spawn(process.execPath, ['--no-warnings', ...args], {
    cwd: root,
    stdio: file === undefined ? ['ignore', 'pipe', 'pipe'] : ['ignore', file, 'inherit'],
    timeout: limitMs,
  });
  if (file !== undefined) closeSync(file);
  // Our own end, when it is asked for, is theirs too.
  for (const signal of ['SIGTERM', 'SIGHUP', 'disconnect'] as const) process.once(signal, () => child.kill('SIGTERM'));
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve({ exitCode: 1, output: error.message });
    });
    child.once('close', (code, signal) => {
      const why = signal === null ? '' : `\nEnded by ${signal} (the limit is ${limitMs / 1_000} s).`;
      resolve({ exitCode: code ?? 1, output: Buffer.concat(chunks).toString().trimEnd() + why });
    });
  });
}

function openOutput(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'w', 0o600);
}
