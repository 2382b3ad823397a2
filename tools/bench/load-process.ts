// Sends load from a separate process: see load.ts.
import autocannon, { type Client, type Result } from 'autocannon';
import { z } from 'zod';
import { serveRequests } from './bench-process';
import { load, type Load, type LoadResult } from './load';
import { percentile } from './statistics';

serveRequests((request) => generate(load.parse(request)));

async function generate({
  url,
  method,
  headers,
  bodies,
  refreshTokens,
  connections,
  seconds,
}: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const tokens = refreshTokens?.values();
  const each = bodies?.values();
  const run = autocannon({
    ...{ url, method, headers, connections, duration: seconds, sampleInt: 100 },
    ...(each === undefined ? {} : { setupClient: (client) => client.setBody(each.next().value ?? '') }),
    ...(tokens === undefined ? {} : { setupClient: (client) => followChain(client, tokens.next().value ?? '') }),
  });
  const startedAt = performance.now();
  run.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds));
  const result = await run;
  const took = (performance.now() - startedAt) / 1_000;
  return { requests: latencies.length, seconds: took, latency: latencyOf(latencies), failures: failuresIn(result) };
}

const session = z.object({ refreshToken: z.string() });

/** Refresh tokens rotate, so each request must send the token of the previous response. */
function followChain(client: Client, first: string): void {
  let refreshToken = first;
  client.setRequests([
    {
      setupRequest: (request) => ({ ...request, body: JSON.stringify({ refreshToken }) }),
      onResponse: (status, body) => {
        if (status === 200) ({ refreshToken } = session.parse(JSON.parse(body)));
      },
    },
  ]);
}

function latencyOf(milliseconds: readonly number[]): LoadResult['latency'] {
  if (milliseconds.length === 0) return undefined;
  const ascending = Float64Array.from(milliseconds).sort();
  return { p50: percentile(ascending, 0.5), p95: percentile(ascending, 0.95), p99: percentile(ascending, 0.99) };
}

function failuresIn({ statusCodeStats, errors }: Result): Record<string, number> {
  const bad = Object.entries(statusCodeStats).filter(([status]) => !/^2\d\d$/.test(status));
  const connection = errors === 0 ? {} : { connection: errors };
  return { ...Object.fromEntries(bad.map(([status, { count }]) => [status, count])), ...connection };
}
