import { Client } from 'pg';

export interface ListenerOptions {
  /** The database itself, not a pooler that gives the session to somebody else after each transaction. */
  readonly url: string;
  /** PostgreSQL shows it in `pg_stat_activity`. */
  readonly name: string;
  readonly channel: string;
  readonly connectTimeoutMs: number;
  /** Of statements that the connection is used for besides. */
  readonly queryTimeoutMs?: number;
  readonly onNotification: (payload: string) => void;
  /** The connection broke. Call `connection()` to have it again. */
  readonly onLost?: (error: Error | undefined) => void;
}

/** A connection of its own that listens on a channel, so that a busy pool does not delay notifications. */
export class Listener {
  private client: Client | undefined;
  private stopped = false;

  constructor(private readonly options: ListenerOptions) {}

  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /** The one that listens, or a new one when it was lost. */
  async connection(): Promise<Client> {
    return (this.client ??= await this.connect());
  }

  /** The next call of `connection` makes a new one. */
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
