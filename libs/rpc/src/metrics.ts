import { counter, durationHistogram, gauge } from '#libs/observability';

const handled = durationHistogram(
  'rpc_server_duration_seconds',
  'Requests that this replica ran, from reading to answering. outcome: ok or the error code.',
  ['contract', 'outcome'],
);

const called = durationHistogram(
  'rpc_client_duration_seconds',
  'Calls of this process, until they settled. outcome: ok or the error code.',
  ['contract', 'outcome'],
);

/**
 * expired: past its deadline. garbage: not an envelope. unanswerable: Redis was down or the reply list was
 * full when the reply was ready.
 */
export const dropped = counter(
  'rpc_server_dropped_total',
  'Messages that this replica took off the queue and did not run, or ran and could not reply to.',
  ['service', 'reason'],
);

export const strayReplies = counter(
  'rpc_client_stray_replies_total',
  'Replies that came after the deadline, or that nobody asked for.',
);

export function observeHandled(contract: string, outcome: string, durationMs: number): void {
  handled.observe({ contract, outcome }, durationMs / 1_000);
}

export function observeCall(contract: string, outcome: string, durationMs: number): void {
  called.observe({ contract, outcome }, durationMs / 1_000);
}

const queues = new Map<string, () => Promise<number>>();

gauge('rpc_queue_depth', 'Requests that wait for a replica of the service.', ['service'], async (depths) => {
  depths.reset();
  for (const [service, depth] of queues) {
    // While Redis is down, no value is better than an old one.
    await depth().then(
      (value) => depths.set({ service }, value),
      () => undefined,
    );
  }
});

/** @returns a function that stops the measurement */
export function measureQueue(service: string, depth: () => Promise<number>): () => void {
  queues.set(service, depth);
  return () => {
    if (queues.get(service) === depth) queues.delete(service);
  };
}
