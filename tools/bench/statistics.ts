/** Returns the middle value, the mean of the two middle values for an even number, or NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower, upper] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return lower === undefined || upper === undefined ? NaN : (lower + upper) / 2;
}

/**
 * Returns the percentile by nearest rank, with `fraction` in (0, 1]: the smallest value that at least this
 * fraction of values does not exceed. NaN without values.
 */
export function percentile(ascending: ArrayLike<number>, fraction: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * fraction) - 1)] ?? NaN;
}

/**
 * The two-sample Kolmogorov-Smirnov test. Returns the largest distance between the two empirical
 * distributions, and the value that it stays below in 99 of 100 cases if both samples have the same
 * distribution.
 */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): { statistic: number; critical: number } {
  const [left, right] = [a.toSorted((x, y) => x - y), b.toSorted((x, y) => x - y)];
  let [i, j, statistic] = [0, 0, 0];
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i] ?? Infinity, right[j] ?? Infinity);
    while (i < left.length && (left[i] ?? Infinity) <= value) i++;
    while (j < right.length && (right[j] ?? Infinity) <= value) j++;
    statistic = Math.max(statistic, Math.abs(i / left.length - j / right.length));
  }
  return { statistic, critical: 1.628 * Math.sqrt((a.length + b.length) / (a.length * b.length)) };
}
