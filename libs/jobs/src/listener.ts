import { logger } from '#libs/observability';
import { Client } from 'pg';
import { Loop } from './loop';

const connectTimeoutMs = 5_000;

/** Hears the outbox's NOTIFY over a connection of its own, and connects again when that is lost. The relay polls meanwhile. */
export class OutboxListener {
  private client: Client | undefined;
  private readonly connecting: Loop;

  constructor(
    private readonly options: { url: string; service: string; channel: string; retryMs: number },
    private readonly onNotification: () => void,
  ) {
    this.connecting = new Loop('Listening for the outbox', options.retryMs, () => this.connect());
  }

  start(): void {
    this.connecting.start();
  }

  async stop(): Promise<void> {
    await this.connecting.stop();
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<boolean> {
    if (this.client !== undefined) return false;
    const client = new Client({
      connectionString: this.options.url,
      application_name: `groundwork ${this.options.service} listen`,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on('notification', this.onNotification);
    client.on('error', (error) => this.lose(client, error));
    client.on('end', () => this.lose(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.options.channel)}`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    // Whatever was announced while nobody listened.
    this.onNotification();
    return false;
  }

  private lose(client: Client, error?: Error): void {
    if (this.client !== client) return;
    this.client = undefined;
    logger().warn({ error }, 'the connection that listens for the outbox was lost; polling goes on meanwhile');
  }
}
