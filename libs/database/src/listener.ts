import { Client } from 'pg';

export interface ListenerOptions {
  /** A direct connection to the database. A transaction pooler would lose the LISTEN after each transaction. */
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
  readonly channel: string;
  readonly connectTimeoutMs: number;
  /** For other statements that use this connection. */
  readonly queryTimeoutMs?: number;
  readonly onNotification: (payload: string) => void;
  /** Called when the connection is lost. Call `connection()` to reconnect. */
  readonly onLost?: (error: Error | undefined) => void;
}

/** Listens to a channel on its own connection, so that a busy pool does not delay notifications. */
export class Listener {
  private client: Client | undefined;
  private stopped = false;

  constructor(private readonly options: ListenerOptions) {}

  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /** Returns the listening connection. Reconnects if it was lost. */
  async connection(): Promise<Client> {
    return (this.client ??= await this.connect());
  }

  /** Closes the connection. The next call of `connection` opens a new one. */
  async disconnect(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.disconnect();
  }

  private async connect(): Promise<Client> {
    const { url, name, channel, connectTimeoutMs, queryTimeoutMs, onNotification } = this.options;
    const client = new Client({
      connectionString: url,
      application_name: name,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...(queryTimeoutMs !== undefined && { query_timeout: queryTimeoutMs }),
    });
    client.on('notification', ({ payload }) => onNotification(payload ?? ''));
    client.on('error', (error) => this.lose(client, error));
    client.on('end', () => this.lose(client));
    try {
      await client.connect();
      if (this.stopped) throw new Error('The listener was stopped while it connected.');
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    return client;
  }

  private lose(client: Client, error?: Error): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.options.onLost?.(error);
  }
}
