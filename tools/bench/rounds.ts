import { availableParallelism } from 'node:os';
import { eventLoopSamplingMs } from '#libs/observability';
import { z } from 'zod';
import type { Account } from './account';
import { BenchProcess } from './bench-process';
import { loadResult, type Load } from './load';
import { failuresOf, tokenVerification, type MeasureName, type Sample, type TokenVerification } from './measurements';
import type { BenchOptions, EndpointName } from './options';
import { cpuSecondsOf, type NamedProcess } from './process-usage';
import type { Target } from './target';

export const rounds = 3;
/** As many as the services run. */
export const hashesAtOnce = availableParallelism();
const warmUpSeconds = 1;

type Request = Pick<Load, 'url' | 'method' | 'headers'> & Partial<Pick<Load, 'bodies' | 'refreshTokens'>>;

/**
 * Measures one cell after the other, alternating between the suite and its bare limits, so that a slow
 * moment of the machine affects both.
 */
export class Bench {
  private readonly generator = new BenchProcess('load-process');
  private readonly bareServer = new BenchProcess('bare-server-process');
  private readonly hasher = new BenchProcess('argon2-process');
  private bareUrl = '';

  constructor(
    private readonly target: Target,
    private readonly account: Account,
    private readonly options: BenchOptions,
    private readonly say: (line: string) => void,
  ) {}

  /** Measures the cost of verifying a token in a separate process that does nothing else. */
  async tokenVerification(): Promise<TokenVerification> {
    const verifier = new BenchProcess('token-process');
    try {
      return await verifier.ask({}, tokenVerification);
    } finally {
      verifier.stop();
    }
  }

  async run(): Promise<Sample[]> {
    const { user } = await this.account.signIn();
    const request = { databaseUrl: this.target.databaseUrl, userId: user.id };
    ({ url: this.bareUrl } = await this.bareServer.ask(request, z.object({ url: z.string() })));
    await this.warmUp();
    const samples: Sample[] = [];
    for (let round = 1; round <= rounds; round++) {
      for await (const sample of this.round(round)) {
        samples.push(sample);
        this.say(progress(sample));
      }
    }
    return samples;
  }

  /** Compiled code and open connections, as in a process that has run for a while. */
  private async warmUp(): Promise<void> {
    this.say('Warming up …');
    await this.account.twins(Math.max(...this.options.connections, 16));
    for (const measure of this.measures()) {
      if (measure !== 'argon2') await this.loaded(measure, 16, warmUpSeconds);
    }
    await this.account.untilServed();
  }

  private measures(): MeasureName[] {
    const limits: Partial<Record<EndpointName, MeasureName>> = { me: 'bare', login: 'argon2' };
    return this.options.only.flatMap((endpoint) => [limits[endpoint] ?? [], endpoint].flat());
  }

  private async *round(round: number): AsyncGenerator<Sample> {
    const { only, connections } = this.options;
    for (const endpoint of only) {
      if (endpoint === 'login') yield this.rawHashes(round);
      for (const count of connections) {
        if (endpoint === 'me') yield this.sample('bare', count, round);
        yield this.sample(endpoint, count, round);
      }
    }
  }

  private async sample(measure: Exclude<MeasureName, 'argon2'>, connections: number, round: number): Promise<Sample> {
    const processes = measure === 'bare' ? this.bareProcesses() : this.target.processes;
    // Reading it starts a new measurement.
    if (measure === 'login') await this.eventLoopP99Ms();
    const [{ requests, seconds, failures, latency }, cpuSeconds] = await this.loaded(
      measure,
      connections,
      this.options.seconds,
      processes,
    );
    const eventLoopP99Ms = measure === 'login' ? await this.eventLoopP99Ms() : undefined;
    // Waits until the queue of this load is empty before the next cell starts.
    if (measure === 'login') await this.account.untilServed();
    const requestsPerSecond = requests / seconds;
    return { measure, connections, round, requests, requestsPerSecond, latency, failures, cpuSeconds, eventLoopP99Ms };
  }

  private async loaded(
    measure: Exclude<MeasureName, 'argon2'>,
    connections: number,
    seconds: number,
    processes: readonly NamedProcess[] = [],
  ) {
    const request = await this.request(measure, connections);
    const before = cpuSecondsOf(processes);
    const result = await this.generator.ask({ ...request, connections, seconds } satisfies Load, loadResult);
    return [result, since(before, cpuSecondsOf(processes))] as const;
  }

  private async request(measure: Exclude<MeasureName, 'argon2'>, connections: number): Promise<Request> {
    const api = `${this.target.api}/api/v1`;
    const json = { 'content-type': 'application/json' };
    switch (measure) {
      case 'me': {
        const { accessToken } = await this.account.signIn();
        return { url: `${api}/users/me`, method: 'GET', headers: { authorization: `Bearer ${accessToken}` } };
      }
      case 'login':
        return {
          url: `${api}/auth/login`,
          method: 'POST',
          headers: json,
          // One account per connection, because many concurrent sign-ins to one account look like guessing.
          bodies: (await this.account.twins(connections)).map((credentials) => JSON.stringify(credentials)),
        };
      case 'refresh': {
        const twins = await this.account.twins(connections);
        const sessions = await Promise.all(twins.map((credentials) => this.account.signIn(credentials)));
        const refreshTokens = sessions.map(({ refreshToken }) => refreshToken);
        return { url: `${api}/auth/refresh`, method: 'POST', headers: json, refreshTokens };
      }
      case 'health':
        return { url: `${api}/health`, method: 'GET', headers: {} };
      case 'bare':
        return { url: `${this.bareUrl}/users/me`, method: 'GET', headers: {} };
    }
  }

  private async rawHashes(round: number): Promise<Sample> {
    const processes = [{ name: 'argon2', pid: this.hasher.pid }];
    const before = cpuSecondsOf(processes);
    const order = { seconds: this.options.seconds, atOnce: hashesAtOnce };
    const { verified, seconds } = await this.hasher.ask(order, z.object({ verified: z.number(), seconds: z.number() }));
    return {
      ...{
        measure: 'argon2',
        connections: hashesAtOnce,
        round,
        requests: verified,
        requestsPerSecond: verified / seconds,
      },
      ...{ latency: undefined, failures: {}, cpuSeconds: since(before, cpuSecondsOf(processes)) },
    };
  }

  private bareProcesses(): NamedProcess[] {
    const postgres = this.target.processes.filter(({ name }) => name === 'postgres');
    return postgres.length === 0 ? [] : [...postgres, { name: 'bare server', pid: this.bareServer.pid }];
  }

  private async eventLoopP99Ms(): Promise<number | undefined> {
    if (this.target.authMetricsUrl === undefined) return undefined;
    const text = await (await fetch(this.target.authMetricsUrl)).text();
    const seconds = /^nodejs_eventloop_lag_p99_seconds(?:\{[^}]*\})? (\S+)/m.exec(text)?.[1];
    // The metric is the time between two turns of a timer, so its period is not a delay.
    return seconds === undefined ? undefined : Math.max(0, Number(seconds) * 1_000 - eventLoopSamplingMs);
  }
}

function since(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(now).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
}

function progress(sample: Sample): string {
  const failed = failuresOf(sample) === 0 ? '' : `  failed: ${JSON.stringify(sample.failures)}`;
  const rate = `${sample.requestsPerSecond.toFixed(0)}/s`;
  return `round ${sample.round}/${rounds}  ${sample.measure.padEnd(7)}  ${String(sample.connections).padStart(4)}  ${rate.padStart(8)}${failed}`;
}
