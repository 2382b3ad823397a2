export type Plain = Record<string, unknown>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy that shares nothing with the original. */
export function copyOf<T>(value: T): T {
  return structuredClone(value);
}

function isList(value: Plain): boolean {
  return value['object'] === 'list';
}

/**
 * The old values of what changed, as in an event's `previous_attributes`: hashes are compared by key, lists and
 * arrays as a whole.
 */
export function previousAttributes(before: object, after: object): Plain {
  const previous: Plain = {};
  const [olds, nows] = [
    new Map<string, unknown>(Object.entries(before)),
    new Map<string, unknown>(Object.entries(after)),
  ];
  for (const name of new Set([...olds.keys(), ...nows.keys()])) {
    const [old, now] = [olds.get(name), nows.get(name)];
    if (isPlain(old) && isPlain(now) && !isList(old)) {
      const nested = previousAttributes(old, now);
      if (Object.keys(nested).length > 0) previous[name] = nested;
    } else if (JSON.stringify(old) !== JSON.stringify(now)) {
      previous[name] = old ?? null;
    }
  }
  return previous;
}

/** Sets the fields that are given, and leaves the others as they are. */
export function assignGiven<T extends object>(target: T, given: { [Name in keyof T]?: T[Name] | undefined }): void {
  for (const [name, value] of Object.entries(given)) if (value !== undefined) Object.assign(target, { [name]: value });
}

/** Metadata merges. An empty value deletes its key, and null deletes all. */
export function mergeMetadata(
  current: Record<string, string> | null,
  given: Record<string, string> | null | undefined,
): Record<string, string> {
  if (given === null) return {};
  const merged = { ...current, ...given };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}
