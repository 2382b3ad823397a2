export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** An undefined property counts as absent. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/** RFC 8785 (JSON Canonicalization Scheme): no whitespace, properties sorted by UTF-16 code units, literals as ECMAScript writes them. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const properties = Object.entries(value).flatMap(([name, item]) =>
    item === undefined ? [] : [[name, canonicalJson(item)] as const],
  );
  const sorted = properties.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** Array.isArray does not narrow read-only arrays. */
export function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}
