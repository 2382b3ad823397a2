export interface Interval {
  readonly unit: string;
  readonly count: number;
}

export interface Period {
  readonly start: number;
  readonly end: number;
}

const daySeconds = 86_400;

function addMonths(time: number, months: number): number {
  const date = new Date(time * 1_000);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const next = new Date(first);
  const lastDay = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  return first / 1_000 + (day - 1) * daySeconds + (time % daySeconds);
}

/**
 * The moment `n` intervals after the anchor. Months keep the anchor's day, or take their last one: January 31,
 * February 28, March 31.
 */
export function stepFrom(anchor: number, { unit, count }: Interval, n: number): number {
  const steps = n * count;
  if (unit === 'day') return anchor + steps * daySeconds;
  if (unit === 'week') return anchor + steps * 7 * daySeconds;
  return addMonths(anchor, unit === 'year' ? steps * 12 : steps);
}

const roughSeconds: Readonly<Record<string, number>> = {
  day: daySeconds,
  week: 7 * daySeconds,
  month: 30.4 * daySeconds,
  year: 365.25 * daySeconds,
};

/** The billing period that holds a moment. */
export function periodAt(anchor: number, interval: Interval, time: number): Period {
  const rough = (roughSeconds[interval.unit] ?? daySeconds) * interval.count;
  let n = Math.floor((time - anchor) / rough);
  while (stepFrom(anchor, interval, n) > time) n -= 1;
  while (stepFrom(anchor, interval, n + 1) <= time) n += 1;
  return { start: stepFrom(anchor, interval, n), end: stepFrom(anchor, interval, n + 1) };
}
