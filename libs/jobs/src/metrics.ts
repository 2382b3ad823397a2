import { counter, durationHistogram, gauge } from '#libs/observability';

export const relayed = counter('outbox_relayed_total', 'Deliveries added to a subscriber’s queue, repeats included.', [
  'event',
]);

export const acknowledged = counter('outbox_acknowledged_total', 'Deliveries that their subscriber has acknowledged.');

/** outcome: done, repeated (it had already been done), retrying, dead. */
export const handled = durationHistogram('jobs_duration_seconds', 'Attempts at events, jobs and schedules.', [
  'job',
  'outcome',
]);

export interface Backlog {
  /** Unfinished deliveries, counted up to 10,000. */
  readonly depth: number;
  readonly oldest_seconds: number;
}

/** The sources of the gauges, read on every scrape. A value that can't be read is left out. */
export interface Measures {
  backlog(): Promise<Backlog>;
  /** Counts per queue. */
  deadLetters(): Promise<ReadonlyMap<string, number>>;
}

let measures: Measures | undefined;

/** @returns a function that stops the measurement */
export function measureJobs(source: Measures): () => void {
  measures = source;
  return () => {
    if (measures === source) measures = undefined;
  };
}

gauge('outbox_depth', 'Deliveries that are not acknowledged yet, counted up to 10,000.', [], async (depth) => {
  const backlog = await backlogOrNothing();
  if (backlog !== undefined) depth.set(backlog.depth);
});

gauge(
  'outbox_oldest_age_seconds',
  'Age of the oldest delivery that is not acknowledged; 0 without any.',
  [],
  async (age) => {
    const backlog = await backlogOrNothing();
    if (backlog !== undefined) age.set(backlog.oldest_seconds);
  },
);

gauge('jobs_dead_letters', 'What has failed for good and waits for an operator.', ['queue'], async (deadLetters) => {
  deadLetters.reset();
  const counts = await measures?.deadLetters().catch(() => undefined);
  for (const [queue, count] of counts ?? []) deadLetters.set({ queue }, count);
});

async function backlogOrNothing(): Promise<Backlog | undefined> {
  return measures?.backlog().catch(() => undefined);
}
