import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

const reply = z.union([z.object({ value: z.unknown() }), z.object({ failure: z.string() })]);

const running = new Set<BenchProcess>();

/** Must run before the servers that they use are stopped. */
export function stopBenchProcesses(): void {
  for (const child of running) child.stop();
}

/**
 * A separate process of the benchmark, so that its CPU time does not count as the suite's. It ends with
 * this process.
 */
export class BenchProcess {
  private readonly child: ChildProcess;

  /** @param script a file in this folder that calls `serveRequests` */
  constructor(script: string) {
    this.child = fork(join(__dirname, `${script}.js`), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    running.add(this);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends one request at a time. Rejects if the process fails or ends before it replies. */
  async ask<T>(request: unknown, response: z.ZodType<T>): Promise<T> {
    const message = await new Promise<unknown>((resolve, reject) => {
      const onExit = () => reject(new Error('A process of the benchmark ended before it replied.'));
      this.child.once('exit', onExit);
      this.child.once('message', (received) => {
        this.child.off('exit', onExit);
        resolve(received);
      });
      this.child.send({ request }, (error) => error !== null && reject(error));
    });
    const received = reply.parse(message);
    if ('failure' in received) throw new Error(received.failure);
    return response.parse(received.value);
  }

  stop(): void {
    running.delete(this);
    this.child.kill('SIGKILL');
  }
}

/** The other side: replies to its parent and ends with it. */
export function serveRequests(respond: (request: unknown) => Promise<unknown>): void {
  const asked = z.object({ request: z.unknown() });
  process.on('message', (message) => {
    respond(asked.parse(message).request).then(
      (value) => process.send?.({ value }),
      (error: unknown) =>
        process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  // Ctrl-C in the terminal reaches this process too. The parent ends it when it is done.
  process.on('SIGINT', () => undefined);
}
