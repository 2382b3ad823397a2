import { Counter, Gauge, Histogram } from 'prom-client';
import { metrics } from './observation';

const registers = [metrics];
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const handled = new Histogram({
  name: 'rpc_server_duration_seconds',
  help: 'Requests that this replica ran, from reading to answering. outcome: ok or the error code.',
  labelNames: ['method', 'outcome'],
  buckets,
  registers,
});

const called = new Histogram({
  name: 'rpc_client_duration_seconds',
  help: 'Calls of this process, until they settled. outcome: ok or the error code.',
  labelNames: ['method', 'outcome'],
  buckets,
  registers,
});

/** expired: past its deadline; garbage: no envelope; unanswerable: Redis was away when the answer was ready. */
export const dropped = new Counter({
  name: 'rpc_server_dropped_total',
  help: 'Messages that this replica took off the queue and did not run, or ran and could not answer.',
  labelNames: ['service', 'reason'],
  registers,
});

export const strayReplies = new Counter({
  name: 'rpc_client_stray_replies_total',
  help: 'Replies that came after the deadline, or that nobody asked for.',
  registers,
});

export function observeHandled(method: string, outcome: string, startedAt: number): number {
  return observe(handled, method, outcome, startedAt);
}

export function observeCall(method: string, outcome: string, startedAt: number): number {
  return observe(called, method, outcome, startedAt);
}

/** @returns the duration in milliseconds */
function observe(
  histogram: Histogram<'method' | 'outcome'>,
  method: string,
  outcome: string,
  startedAt: number,
): number {
  const milliseconds = performance.now() - startedAt;
  histogram.observe({ method, outcome }, milliseconds / 1_000);
  return milliseconds;
}

const queues = new Map<string, () => Promise<number>>();

new Gauge({
  name: 'rpc_queue_depth',
  help: 'Requests that wait for a replica of the service.',
  labelNames: ['service'],
  registers,
  async collect() {
    this.reset();
    for (const [service, depth] of queues) {
      // Redis is away: no figure is better than an old one.
      await depth().then(
        (value) => this.set({ service }, value),
        () => undefined,
      );
    }
  },
});

/** @returns what ends the measuring */
export function measureQueue(service: string, depth: () => Promise<number>): () => void {
  queues.set(service, depth);
  return () => {
    if (queues.get(service) === depth) queues.delete(service);
  };
}
