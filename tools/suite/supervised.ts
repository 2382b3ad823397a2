import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, stopProcess, type ProcessIdentity, type RecordedProcess } from '#libs/local';
import { failureOf, restartNotice, RestartPause } from './restart-pause';

export interface Program {
  readonly name: string;
  /** Arguments for Node, including the script. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Returns 200 once the program is ready. */
  readonly readyUrl: string;
}

export interface Listener {
  /** Called when a process starts or ends. */
  changed(): void;
  output(name: string, line: string): void;
  say(line: string): void;
}

/** On a machine under load, a service can take a minute until it has read its code. */
const readyTimeoutMs = 180_000;

/** Keeps one program running. If it ends unexpectedly, it is restarted after a delay that grows from crash to crash. */
export class Supervised {
  private child: ChildProcess | undefined;
  private identity: ProcessIdentity | undefined;
  private wanted = false;
  private wasReady = false;
  private stopped = false;
  private readonly pause = new RestartPause();
  private readonly log: WriteStream;
  private lastLines: string[] = [];

  constructor(
    readonly program: Program,
    private readonly listener: Listener,
  ) {
    this.log = createWriteStream(program.logFile, { flags: 'a', mode: 0o600 });
    this.log.on('error', () => undefined);
  }

  /** Undefined while it does not run. */
  get recorded(): RecordedProcess | undefined {
    return this.identity === undefined
      ? undefined
      : { ...this.identity, name: this.program.name, signal: 'SIGTERM', server: false };
  }

  /** False until it is ready, and after it was told to stop. */
  get takesRequests(): boolean {
    return this.wanted && this.wasReady && this.identity !== undefined;
  }

  /** Resolves when the program is ready. Rejects with the last lines of its output if it ends first. */
  async start(): Promise<void> {
    if (this.stopped) throw new Error(`${this.program.name} was stopped.`);
    this.wanted = true;
    this.wasReady = false;
    this.launch();
    await this.untilReady();
  }

  async restart(graceMs: number): Promise<void> {
    await this.end(graceMs);
    await this.start();
  }

  /** Stops it for good. A restart in progress does not start it again. */
  async stop(graceMs: number): Promise<void> {
    this.stopped = true;
    await this.end(graceMs);
  }

  private async end(graceMs: number): Promise<void> {
    this.wanted = false;
    if (this.identity !== undefined) await stopProcess(this.identity, 'SIGTERM', graceMs);
  }

  async untilReady(): Promise<void> {
    const deadline = Date.now() + readyTimeoutMs;
    while (Date.now() < deadline) {
      if (!this.wanted) throw new Error(`${this.program.name} was stopped.`);
      if (this.identity === undefined && !this.wasReady) throw new Error(this.failure('ended while it was starting'));
      if (this.identity !== undefined && (await this.isReady())) {
        this.wasReady = true;
        return;
      }
      await delay(100);
    }
    throw new Error(this.failure(`was not ready within ${readyTimeoutMs / 1_000} s (${this.program.readyUrl})`));
  }

  private launch(): void {
    const { name, args, environment } = this.program;
    const child = spawn(process.execPath, args, {
      // Detached, so that Ctrl-C in the terminal only reaches the supervisor, which stops everything in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...environment },
    });
    const startedAt = Date.now();
    this.child = child;
    this.identity = identify(child.pid ?? 0);
    this.lastLines = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.onLine(name, line));
    }
    child.once('error', (error) => this.onLine(name, error.message));
    child.once(
      'close',
      (code, signal) => void this.onExit(child, signal ?? `exit code ${code}`, Date.now() - startedAt),
    );
    this.listener.changed();
  }

  private onLine(name: string, line: string): void {
    this.lastLines = [...this.lastLines.slice(-11), line];
    this.log.write(`${line}\n`);
    this.listener.output(name, line);
  }

  private async onExit(child: ChildProcess, how: string, ranMs: number): Promise<void> {
    if (this.child !== child) return;
    this.identity = undefined;
    this.listener.changed();
    // The caller that waits for the start reports its failure.
    if (!this.wanted || !this.wasReady) return;
    const { name, logFile } = this.program;
    this.listener.say(restartNotice(name, how, logFile, this.lastLines));
    await delay(this.pause.nextMs(ranMs));
    this.relaunch();
  }

  private relaunch(): void {
    if (this.wanted && this.identity === undefined) this.launch();
  }

  private failure(what: string): string {
    return failureOf(this.program.name, what, this.program.logFile, this.lastLines);
  }

  private async isReady(): Promise<boolean> {
    try {
      const response = await fetch(this.program.readyUrl, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
