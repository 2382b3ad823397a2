import { counter, durationHistogram, gauge, metrics } from './metrics';

describe('metrics', () => {
  it('return a counter, a gauge and a histogram in one text', async () => {
    counter('test_total', 'Counted.', ['outcome']).inc({ outcome: 'ok' });
    gauge('test_depth', 'Asked at each scrape.', ['queue'], async (depth) => {
      await Promise.resolve();
      depth.set({ queue: 'auth' }, 3);
    });
    durationHistogram('test_seconds', 'Timed.').observe(0.003);
    const text = await metrics.metrics();
    expect(text).toContain('test_total{outcome="ok"} 1');
    expect(text).toContain('test_depth{queue="auth"} 3');
    expect(text).toContain('test_seconds_bucket{le="0.0025"} 0');
    expect(text).toContain('test_seconds_bucket{le="0.005"} 1');
  });

  it('omit only the gauge whose source fails', async () => {
    gauge('test_away', 'Its source is away.', [], () => Promise.reject(new Error('away')));
    expect(await metrics.metrics()).toContain('http_request_duration_seconds');
  });
});
