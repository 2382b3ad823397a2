/** The middle value; of an even number of them the mean of both. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower, upper] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return lower === undefined || upper === undefined ? NaN : (lower + upper) / 2;
}

/** By nearest rank, `fraction` in (0, 1]: the smallest value that so large a part of all does not exceed. NaN for none. */
export function percentile(ascending: ArrayLike<number>, fraction: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * fraction) - 1)] ?? NaN;
}

/**
 * The two-sample Kolmogorov-Smirnov test: the largest distance between the two empirical distributions, and what it stays
 * under in 99 of 100 cases where both samples come from one distribution.
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
