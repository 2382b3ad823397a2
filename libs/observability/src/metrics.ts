import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What GET /metrics of this process shows. */
export const metrics = new Registry();

/** Upper bounds in seconds, from an answer out of memory to the default deadline and beyond. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Labels must have few values: a route's pattern, a contract's name, an error code; never an id or an address. */
export function counter<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
  return new Counter<Label>({ name, help, labelNames, registers: [metrics] });
}

/** @param collect is awaited by each scrape and sets the value; while it fails the gauge has none */
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

/** Durations in seconds; by the naming rules of Prometheus the name ends in `_seconds`. */
export function durationHistogram<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
  return new Histogram<Label>({ name, help, labelNames, buckets: durationBuckets, registers: [metrics] });
}

export const httpRequestDuration = durationHistogram(
  'http_request_duration_seconds',
  'Requests at the HTTP edge, from the first byte to the end of the answer. status: 2xx, 3xx, 4xx, 5xx.',
  ['method', 'route', 'status'],
);

/** The event loop's lag is measured as the time between two turns of a timer of this period, which it therefore includes. */
export const eventLoopSamplingMs = 50;

/** CPU, memory, event loop, garbage collection. Once per process. prom-client's default of 10 ms costs an idle process 0.4 % of a core. */
export function collectProcessMetrics(): void {
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: eventLoopSamplingMs });
}
