import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, type RecordedProcess } from '#libs/local';
import { restartNotice, RestartPause } from './restart-pause';
import type { Listener } from './supervised';

/** A server that is running. */
export interface RunningServer {
  readonly pid: number;
  readonly url: string;
  /** Resolves with the signal or exit code once it has ended. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

export interface ServerPlan {
  /** The name in messages. */
  readonly name: string;
  /** The name among the run's processes. */
  readonly processName: string;
  readonly stopSignal: RecordedProcess['signal'];
  readonly logFile: string;
  /** Resolves when it accepts connections. Each start has the same URL and the existing data. */
  start(): Promise<RunningServer>;
}

/** Keeps PostgreSQL or Redis running, by the same rules as the services. */
export class SupervisedServer {
  private running: RunningServer | undefined;
  private launching: Promise<unknown> | undefined;
  private readonly pause = new RestartPause();
  private readonly stopping = new AbortController();

  constructor(
    private readonly plan: ServerPlan,
    private readonly listener: Listener,
  ) {}

  /** Undefined while it does not run. */
  get recorded(): RecordedProcess | undefined {
    const identity = this.running === undefined ? undefined : identify(this.running.pid);
    const { processName: name, stopSignal: signal } = this.plan;
    return identity === undefined ? undefined : { ...identity, name, signal, server: true };
  }

  /** Resolves with its URL. Rejects if the first start fails. */
  async start(): Promise<string> {
    const { url } = await this.launch();
    return url;
  }

  /** Stops it for good. A restart in progress does not start it again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled([this.launching]);
    await this.running?.stop();
  }

  private async launch(): Promise<RunningServer> {
    const launching = this.plan.start();
    this.launching = launching;
    const running = await launching;
    this.running = running;
    this.listener.changed();
    const startedAt = Date.now();
    void running.exited.then((how) => this.onExit(how, Date.now() - startedAt));
    return running;
  }

  private async onExit(how: string, ranMs: number): Promise<void> {
    this.running = undefined;
    this.listener.changed();
    if (this.isStopping) return;
    const { name, logFile } = this.plan;
    this.listener.say(restartNotice(name, how, logFile, lastLines(logFile)));
    await this.startAgain(this.pause.nextMs(ranMs));
  }

  private async startAgain(firstPauseMs: number): Promise<void> {
    for (let pauseMs = firstPauseMs; ; pauseMs = this.pause.nextMs(0)) {
      await delay(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.isStopping) return;
      try {
        await this.launch();
        return;
      } catch (error) {
        this.listener.say(error instanceof Error ? error.message : String(error));
      }
    }
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }
}

const tailBytes = 4_096;

/** Reads only the end of the log, which can be large. */
function lastLines(file: string): string[] {
  try {
    const log = openSync(file, 'r');
    try {
      const { size } = fstatSync(log);
      const buffer = Buffer.alloc(Math.min(size, tailBytes));
      readSync(log, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString().trimEnd().split('\n').slice(-12);
    } finally {
      closeSync(log);
    }
  } catch {
    return [];
  }
}
