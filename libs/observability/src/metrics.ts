import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of this process at GET /metrics. */
export const metrics = new Registry();

/** Upper bounds in seconds, from a response out of memory to the default deadline and beyond. 0.2 is the goal of latency. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10];

/**
 * Use labels with few values: a route's pattern, a contract's name, an error code. Never use ids, email
 * addresses or IP addresses.
 */
export function counter<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
  return new Counter<Label>({ name, help, labelNames, registers: [metrics] });
}

/** @param collect sets the value on each scrape; while it fails, the gauge has no value */
export function gauge<Label extends string = never>(
  name: string,
  help: string,
  labelNames: Label[] = [],
  collect?: (gauge: Gauge<Label>) => void | Promise<void>,
) {
  const collecting = collect && {
    async collect(this: Gauge<Label>) {
      this.reset();
      await Promise.resolve(collect(this)).catch(() => undefined);
    },
  };
  return new Gauge<Label>({ name, help, labelNames, registers: [metrics], ...collecting });
}

/** Measures durations in seconds. By Prometheus's naming rules, the name must end in `_seconds`. */
export function durationHistogram<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
  return new Histogram<Label>({ name, help, labelNames, buckets: durationBuckets, registers: [metrics] });
}

export const httpRequestDuration = durationHistogram(
  'http_request_duration_seconds',
  'Requests at the HTTP edge, from the first byte to the end of the answer. status: 2xx, 3xx, 4xx, 5xx.',
  ['method', 'route', 'status'],
);

export const buildInfo = gauge('build_info', 'Which version runs. Always 1.', ['service', 'version']);

/** Event loop lag is the time between two turns of a timer with this period, so the lag includes the period. */
export const eventLoopSamplingMs = 50;

/**
 * Measures CPU, memory, event loop and garbage collection. Call it once per process. prom-client's default
 * interval of 10 ms would cost an idle process 0.4 % of a core.
 */
export function collectProcessMetrics(): void {
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: eventLoopSamplingMs });
}
