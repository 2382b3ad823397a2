import { startReceiver } from '#libs/testing';
import { runInContext } from './context';
import { run } from './fixtures/run';
import { currentTraceparent, runWithTraceparent, withSpan } from './tracing';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('without tracing', () => {
  it('loads neither an OpenTelemetry SDK nor Sentry', async () => {
    const { stdout } = await run('loaded');
    expect(stdout).toBe('{"modules":[]}\n');
    const traced = await run('loaded', { otlpEndpoint: 'http://127.0.0.1:1' });
    expect(traced.stdout).toContain('@opentelemetry/sdk-node');
  });

  it('runs the work and rethrows its errors unchanged', async () => {
    expect(await withSpan('work', 'internal', () => Promise.resolve(1))).toBe(1);
    const failure = new Error('failed');
    await expect(runWithTraceparent(traceparent, 'work', 'server', () => Promise.reject(failure))).rejects.toBe(
      failure,
    );
  });

  it('passes on the traceparent of the client', () => {
    const context = { requestId: 'r', traceparent, actor: null, locale: 'en', client: null };
    expect(runInContext(context, currentTraceparent)).toBe(traceparent);
    expect(currentTraceparent()).toBeNull();
  });
});

describe('with tracing', () => {
  interface Span {
    readonly name: string;
    readonly kind: number;
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId?: string;
    readonly status: { readonly code?: number };
  }

  async function trace(scenario: string): Promise<{ spans: Span[]; said: Record<string, unknown>; sent: string }> {
    const collector = await startReceiver();
    const { stdout } = await run(scenario, { otlpEndpoint: `http://${collector.host}/` });
    collector.close();
    const sent = JSON.stringify(collector.requests);
    expect(collector.requests.map(({ path }) => path)).toContain('/v1/traces');
    const spans = collector.requests.flatMap(({ body }) => spansOf(JSON.parse(body)));
    return { spans, said: JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), sent };
  }

  function spansOf(body: { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }): Span[] {
    return body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  }

  it('sends a span before the process ends, with the service’s name', async () => {
    const { spans, sent, said } = await trace('span');
    expect(spans).toMatchObject([{ name: 'work' }]);
    expect(sent).toContain('service.name');
    expect(said['inside']).toBe(`00-${spans[0]?.traceId}-${spans[0]?.spanId}-01`);
    expect(said['outside']).toBeNull();
  });

  it('puts work with a traceparent under the span that sent it', async () => {
    const { spans } = await trace('spans over processes');
    const [inner, outer] = spans;
    expect(outer).toMatchObject({
      name: 'auth.login',
      traceId: traceparent.slice(3, 35),
      parentSpanId: traceparent.slice(36, 52),
    });
    expect(inner).toMatchObject({ name: 'inner', traceId: outer?.traceId, parentSpanId: outer?.spanId });
  });

  it('marks a span as failed, without the secrets of its message', async () => {
    const { spans, sent } = await trace('span that fails');
    expect(spans).toMatchObject([{ status: { code: 2 } }]);
    expect(sent).toContain('[redacted]');
    expect(sent).not.toMatch(/correct-horse|ada\.lovelace|gw_live_/);
  });

  it('adds the trace id to every line of the work, even after its span has ended', async () => {
    const collector = await startReceiver();
    const { lines } = await run('lines of a trace', { otlpEndpoint: `http://${collector.host}` });
    collector.close();
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line['traceId']).toBe(traceparent.slice(3, 35));
  });

  it('keeps working while the collector is down', async () => {
    const { exitCode, lines } = await run('span', { otlpEndpoint: 'http://127.0.0.1:1' });
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(1);
  });
});
