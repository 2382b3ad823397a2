import { Listener } from '#libs/database';
import { logger } from '#libs/observability';
import { Loop } from './loop';

const connectTimeoutMs = 5_000;

/** Listens for the outbox's NOTIFY and reconnects when the connection is lost. The relay polls in the meantime. */
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
    // Events that were announced while no connection listened.
    this.onNotification();
    return false;
  }
}
