import type { RedisConnection } from '#libs/redis';

const resynchronizeMs = 30_000;
const samples = 3;

/**
 * Redis's clock, shared by all processes: a deadline means the same on every host, even if a host's clock
 * is wrong. Between readings this process's monotonic clock continues, so steps of the wall clock do no
 * harm.
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

  /** Takes the quickest of several samples, because a sample's error is at most half its round trip. */
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
