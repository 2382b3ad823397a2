import { ok, problem, type Finding } from './check';

const toleranceMs = 2_000;

/** Compares a clock that was read between two times of this machine, all in ms. @param precisionMs of that clock */
export function clockFinding(theirs: number, before: number, after: number, precisionMs = 0): Finding {
  const skewMs = theirs > after ? theirs - after : Math.min(0, theirs + precisionMs - before);
  const seen = `${(skewMs / 1_000).toFixed(1)} s from this machine's clock`;
  return Math.abs(skewMs) <= toleranceMs
    ? ok(seen)
    : problem(seen, 'Synchronize the clocks of both machines with NTP.');
}
