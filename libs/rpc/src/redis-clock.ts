import type { RedisConnection } from '#libs/redis';

const resynchronizeMs = 30_000;
const samples = 3;

/**
 * Redis' clock, which all processes of the suite share: a deadline means the same on every host, however wrong the hosts' own clocks are.
 * Between the readings this process's monotonic clock carries on, so a step of the wall clock does no harm.
 */
export class RedisClock {
  private offset = Date.now() - performance.now();
  private timer: NodeJS.Timeout | undefined;
  private announce: () => void = () => undefined;
  /** Resolves after the first reading. */
  readonly synchronized = new Promise<void>((resolve) => (this.announce = resolve));

  constructor(private readonly connection: RedisConnection) {
    connection.on('ready', this.synchronize);
    if (connection.status === 'ready') this.synchronize();
    this.timer = setInterval(this.synchronize, resynchronizeMs);
    this.timer.unref();
  }

  /** Milliseconds since 1970. */
  now(): number {
    return performance.now() + this.offset;
  }

  close(): void {
    clearInterval(this.timer);
    this.connection.off('ready', this.synchronize);
  }

  private readonly synchronize = (): void => {
    this.readOffset().then(this.announce, () => undefined);
  };

  /** The error of a sample is at most half its round trip: the quickest one counts. */
  private async readOffset(): Promise<void> {
    let quickest = Infinity;
    for (let sample = 0; sample < samples; sample++) {
      const sent = performance.now();
      const [seconds, microseconds] = await this.connection.time();
      const received = performance.now();
      if (received - sent >= quickest) continue;
      quickest = received - sent;
      this.offset = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (sent + received) / 2;
    }
  }
}
