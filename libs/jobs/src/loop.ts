import { logger } from '#libs/observability';

const longestRetryMs = 1_000;

/** Runs a round again and again: at once while there is more to do, else when woken or when `pauseMs` have passed. */
export class Loop {
  private isStopping = false;
  private isWoken = false;
  private endPause: (() => void) | undefined;
  private finished: Promise<void> | undefined;

  /** @param round resolves with true when there may be more to do at once */
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

  /** Resolves when the round that runs has ended. */
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
        // The first failure tells; a database that is away for an hour need not tell 3,600 times.
        if (failures++ === 0) logger().warn({ error }, `${this.name} failed and goes on trying`);
        // Nothing to wake up for: what failed would fail again.
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
