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
