import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

export interface LoadReport {
  readonly requests: number;
  /** How often each status other than 2xx, or each error of the connection, came. */
  readonly failed: Readonly<Record<string, number>>;
  /** The longest time in which no response arrived, in milliseconds. */
  readonly longestStallMs: number;
  readonly slowestMs: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  /** Each sends its next request a moment after the last response. */
  readonly clients?: number;
}

const pauseMs = 5;
const timeoutMs = 20_000;

/** Sends requests over kept-alive connections until it is stopped: three reads for each write. */
export class Load {
  private readonly agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  private readonly failed = new Map<string, number>();
  private readonly clients: Promise<void>[];
  private requests = 0;
  private writes = 0;
  private acknowledged = '';
  private last = performance.now();
  private longestStallMs = 0;
  private slowestMs = 0;
  private stopping = false;

  constructor(private readonly options: LoadOptions) {
    this.clients = Array.from({ length: options.clients ?? 4 }, (_, index) => this.client(index === 0));
  }

  /** The newest name that a response confirmed. */
  get acknowledgedName(): string {
    return this.acknowledged;
  }

  async stop(): Promise<LoadReport> {
    this.stopping = true;
    await Promise.all(this.clients);
    this.agent.destroy();
    const { requests, longestStallMs, slowestMs } = this;
    return {
      requests,
      failed: Object.fromEntries(this.failed),
      longestStallMs: Math.round(longestStallMs),
      slowestMs: Math.round(slowestMs),
    };
  }

  private async client(writes: boolean): Promise<void> {
    while (!this.stopping) {
      await (writes ? this.write() : this.measured('GET'));
      await delay(pauseMs);
    }
  }

  private async write(): Promise<void> {
    const name = `Ada ${(this.writes += 1)}`;
    if (await this.measured('PATCH', { name })) this.acknowledged = name;
  }

  private async measured(method: string, body?: unknown): Promise<boolean> {
    const startedAt = performance.now();
    const outcome = await this.send(method, body).catch((error: unknown) => codeOf(error));
    const now = performance.now();
    this.requests += 1;
    this.slowestMs = Math.max(this.slowestMs, now - startedAt);
    if (outcome !== '200') this.failed.set(outcome, (this.failed.get(outcome) ?? 0) + 1);
    else {
      this.longestStallMs = Math.max(this.longestStallMs, now - this.last);
      this.last = now;
    }
    return outcome === '200';
  }

  private send(method: string, body: unknown): Promise<string> {
    const { url, token } = this.options;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${url}/api/v1/users/me`, { method, headers, agent: this.agent, timeout: timeoutMs });
      outgoing.once('response', (response) =>
        response
          .resume()
          .once('end', () => resolve(String(response.statusCode)))
          .once('error', reject),
      );
      outgoing.once('error', reject).once('timeout', () => outgoing.destroy(new Error('no response in time')));
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
