import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '#libs/local';

export interface Step {
  readonly name: string;
  /** Arguments for Node, including the script, run in the clone's folder. */
  readonly args: readonly string[];
  /** Selects the lines that are shown immediately. Without it the output is shown only if the step fails. */
  readonly isShown?: (line: string) => boolean;
  /** The file for lines that are not shown. */
  readonly logFile?: string;
  /** Runs at low priority. */
  readonly inBackground?: boolean;
  /** A step that takes longer has failed. */
  readonly limitMs: number;
  /** How many tests passed and failed. Without it a step passes silently or fails once. */
  readonly count?: (exitCode: number) => { passed: number; failed: number };
}

export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly tookMs: number;
  readonly output: string;
}

/**
 * Runs the lanes in parallel and the steps of each lane in sequence. Returns the outcomes in the order of
 * the lanes.
 */
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

function runProgram(step: Step): Promise<{ exitCode: number; output: string }> {
  const { args, limitMs, inBackground = false } = step;
  const [program, ...before] = [...(inBackground ? ['nice', '-n', '19'] : []), process.execPath, '--no-warnings'];
  const child = spawn(program, [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    // Because of the pipe, it can't see the terminal.
    env: { ...process.env, ...(process.stdout.isTTY && process.stdout.hasColors() ? { FORCE_COLOR: '1' } : {}) },
  });
  // When this process is asked to end, the child must end too.
  for (const signal of ['SIGTERM', 'SIGHUP', 'disconnect'] as const) process.once(signal, () => child.kill('SIGTERM'));
  const kept: string[] = [];
  const take = lineTaker(step, kept);
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', take);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve({ exitCode: 1, output: error.message });
    });
    child.once('close', (code, signal) => {
      const why = signal === null ? [] : [`Stopped by ${signal} (the time limit is ${limitMs / 1_000} s).`];
      resolve({ exitCode: code ?? 1, output: [...kept, ...why].join('\n') });
    });
  });
}

function lineTaker({ isShown, logFile }: Step, kept: string[]): (line: string) => void {
  if (logFile === undefined) return (line) => kept.push(line);
  mkdirSync(dirname(logFile), { recursive: true });
  writeFileSync(logFile, '', { mode: 0o600 });
  return (line) => {
    if (isShown?.(line) === true) console.log(line);
    else appendFileSync(logFile, `${line}\n`);
  };
}
