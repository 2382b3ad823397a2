import { Listener } from '#libs/database';
import { logger } from '#libs/observability';
import { Loop } from './loop';

const connectTimeoutMs = 5_000;

/** Hears the outbox's NOTIFY, and connects again when the connection is lost. The relay polls meanwhile. */
export class OutboxListener {
  private readonly listener: Listener;
  private readonly connecting: Loop;

  constructor(
    options: { url: string; service: string; channel: string; retryMs: number },
    private readonly onNotification: () => void,
  ) {
    const { url, service, channel, retryMs } = options;
    const lost = 'the connection that listens for the outbox was lost; polling goes on meanwhile';
    this.listener = new Listener({
      url,
      name: `groundwork ${service} listen`,
      channel,
      connectTimeoutMs,
      onNotification,
      onLost: (error) => logger().warn({ error }, lost),
    });
    this.connecting = new Loop('Listening for the outbox', retryMs, () => this.connect());
  }

  start(): void {
    this.connecting.start();
  }

  async stop(): Promise<void> {
    await this.connecting.stop();
    await this.listener.stop();
  }

  private async connect(): Promise<boolean> {
    if (this.listener.isConnected) return false;
    await this.listener.connection();
    // Whatever was announced while nobody listened.
    this.onNotification();
    return false;
  }
}
