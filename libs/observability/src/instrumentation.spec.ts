import { freePort, spawnProcess, startReceiver, testDatabase, testRedis } from '#libs/testing';
import { join } from 'node:path';

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

const service = join(process.cwd(), 'dist', 'libs', 'service', 'src', 'fixtures', 'main.js');
const traceId = '0af7651916cd43dd8448eb211c80319c';

/** One request to a compiled service that loads Nest, Fastify, TypeORM and ioredis like the apps do. */
async function traceOneRequest() {
  const [collector, database, redis] = await Promise.all([startReceiver(), testDatabase(), testRedis()]);
  const port = await freePort();
  const config = {
    management: { host: '127.0.0.1', port: 0 },
    port,
    databaseUrl: database.url,
    redisUrl: redis.url,
    otlpEndpoint: `http://${collector.host}`,
  };
  const child = spawnProcess(service, { args: [JSON.stringify(config)] });
  await child.waitForOutput(/"msg":"started"/);
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, cookie: 'session=planted-cookie' };
  await fetch(`http://127.0.0.1:${port}/items/planted-id?token=planted-token`, { headers });
  await child.kill();
  collector.close();
  const sent = collector.requests.map(({ body }) => body);
  return { sent: sent.join('\n'), spans: sent.flatMap(spansOf), output: child.output() };
}

function spansOf(body: string): Span[] {
  const { resourceSpans }: { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] } = JSON.parse(body);
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

it('traces a request, its route, its SQL and its Redis commands in the compiled service as one trace without their values', async () => {
  const { spans, sent, output } = await traceOneRequest();
  const ofRequest = spans.filter((span) => span.traceId === traceId);
  const bySpanId = new Map(ofRequest.map((span) => [span.spanId, span]));
  const ancestors = (span: Span): string[] => {
    const parent = bySpanId.get(span.parentSpanId ?? '');
    return parent === undefined ? [] : [parent.name, ...ancestors(parent)];
  };
  const path = (name: RegExp) =>
    ofRequest
      .filter((span) => name.test(span.name))
      .map(ancestors)
      .at(0);

  expect(path(/^GET/)).toEqual([]);
  expect(path(/pg\.query/)?.at(-1)).toMatch(/^GET/);
  expect(path(/^set$/i)?.at(-1)).toMatch(/^GET/);
  expect(sent).toContain('/items/:id');
  expect(sent).toContain('SELECT $1::text');
  expect(sent).not.toMatch(/planted-token|planted-cookie|secret-parameter|secret-key|secret-value/);
  expect(output).toMatch(new RegExp(`"traceId":"${traceId}","msg":"item read"`));
});
