import { currentContext } from '#libs/observability';
import { Client, Pool, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { parsePlan, type Plan } from './plans';

/** What PostgreSQL reports about the statements of one request. */
export interface Recorded {
  /** The server's time for parsing, planning and running all of them, including BEGIN and COMMIT. */
  databaseMs: number;
  /** The plans of all statements, including those of triggers and foreign keys. */
  readonly plans: Plan[];
}

/**
 * Makes the server report the duration (`log_duration`) and plan (`auto_explain`) of each statement to its
 * client. Applies to connections opened from now on.
 * @param url of a superuser, to the database
 */
export async function tellPlans(url: string): Promise<void> {
  const settings = {
    client_min_messages: 'log',
    // Keeps them out of the server's own log.
    log_min_messages: 'panic',
    log_duration: 'on',
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_nested_statements': 'on',
    'auto_explain.log_format': 'json',
    'auto_explain.log_parameter_max_length': '0',
  };
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const database = client.escapeIdentifier(decodeURIComponent(new URL(url).pathname.slice(1)));
    // The library's settings are known once it is loaded.
    await client.query("LOAD 'auto_explain'");
    const statements = Object.entries(settings).map(
      ([name, value]) => `ALTER DATABASE ${database} SET ${name} = ${client.escapeLiteral(value)}`,
    );
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const message = /^duration: ([\d.]+) ms(?: +plan:\n([^]*))?$/;

/** Receives these reports for the connections of a pool and assigns them to requests. */
export class Recorder {
  private readonly requests = new Map<string, Recorded>();
  private readonly owners = new WeakMap<PoolClient, string>();

  constructor({ driver }: DataSource) {
    const pool: unknown = 'master' in driver && driver.master;
    if (!(pool instanceof Pool)) throw new Error('The data source is not connected to PostgreSQL.');
    pool.on('acquire', (client) => this.listen(client));
  }

  /**
   * Runs the work of this request and returns what it took. Statements of other work in the service are not
   * counted.
   */
  async during<T>(requestId: string, work: () => Promise<T>): Promise<Recorded & { readonly response: T }> {
    const recorded: Recorded = { databaseMs: 0, plans: [] };
    this.requests.set(requestId, recorded);
    const response = await work().finally(() => this.requests.delete(requestId));
    return { response, ...recorded };
  }

  private listen(client: PoolClient): void {
    if (!this.owners.has(client)) client.on('notice', (notice) => this.hear(client, notice.message ?? ''));
    // The pool hands out a connection in the context of the code that requested it.
    this.owners.set(client, currentContext()?.requestId ?? '');
  }

  private hear(client: PoolClient, text: string): void {
    const [, duration, plan] = message.exec(text) ?? [];
    const recorded = this.requests.get(this.owners.get(client) ?? '');
    if (duration === undefined || recorded === undefined) return;
    if (plan === undefined) recorded.databaseMs += Number(duration);
    else recorded.plans.push(parsePlan(plan));
  }
}
