import { logger } from '#libs/observability';

const longestRetryMs = 1_000;

/** Runs a round repeatedly: at once while there is more to do, otherwise when woken or after `pauseMs`. */
export class Loop {
  private isStopping = false;
  private isWoken = false;
  private endPause: (() => void) | undefined;
  private finished: Promise<void> | undefined;

  /** @param round resolves with true if there may be more to do at once */
  constructor(
    private readonly name: string,
    private readonly pauseMs: number,
    private readonly round: () => Promise<boolean>,
  ) {}

  start(): void {
    this.finished ??= this.run();
  }

  wake(): void {
    if (this.isWoken) return;
    this.isWoken = true;
    this.endPause?.();
  }

  /** Resolves when the running round has ended. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.endPause?.();
    await this.finished;
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.isStopping) {
      this.isWoken = false;
      try {
        const more = await this.round();
        failures = 0;
        if (!more) await this.pauseUnlessWoken();
      } catch (error) {
        // Logs only the first failure. A database that is down for an hour should not log 3,600 times.
        if (failures++ === 0) logger().warn({ error }, `${this.name} failed and goes on trying`);
        // Ignores wake-ups during this pause, because the next round would fail again.
        this.isWoken = true;
        await this.pause(Math.min(this.pauseMs, longestRetryMs));
      }
    }
  }

  private async pauseUnlessWoken(): Promise<void> {
    if (!this.isWoken) await this.pause(this.pauseMs);
  }

  private async pause(milliseconds: number): Promise<void> {
    if (this.isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endPause = undefined;
  }
}
