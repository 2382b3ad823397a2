import { canonicalJson, isList, type JsonObject, type JsonValue } from './json';

const secretName =
  /pass(word|wd|phrase)|pwd|secret|token|code|hash|verifier|selector|cookie|authorization|credential|signature|otp|salt|(api|private|signing|encryption)[-_ ]?key/i;
const longestText = 1_000;
const mostItems = 100;
const deepest = 3;
/** In characters of JSON. A page of 100 entries must fit into one message between services. */
const largest = 4_096;

/**
 * Returns what the log may keep of `before` and `after`: no properties named like secrets, texts of at most 1,000 characters,
 * lists and objects of at most 100 items, three levels. Properties beyond 4,096 characters in total are dropped.
 */
export function presentable(object: JsonObject): JsonObject {
  let room = largest - 2;
  const fits = ([name, value]: [string, JsonValue | undefined]) => {
    const size = canonicalJson({ [name]: value }).length;
    if (size > room) return false;
    room -= size;
    return true;
  };
  return Object.fromEntries(Object.entries(presentableObject(object, 1)).filter(fits));
}

function presentableObject(object: JsonObject, depth: number): JsonObject {
  const kept = Object.entries(object).flatMap(([name, value]) => {
    const shown = value === undefined || secretName.test(name) ? undefined : presentableValue(value, depth);
    return shown === undefined ? [] : [[storableText(name), shown] as const];
  });
  return Object.fromEntries(kept.slice(0, mostItems));
}

function presentableValue(value: JsonValue, depth: number): JsonValue | undefined {
  if (typeof value === 'string') return storableText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) return undefined;
  if (isList(value)) return value.slice(0, mostItems).flatMap((item) => presentableValue(item, depth + 1) ?? null);
  return presentableObject(value, depth + 1);
}

/** PostgreSQL's jsonb rejects U+0000 and lone surrogates, and an act must not fail because of its entry. */
function storableText(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return short.toWellFormed().replaceAll('\0', '\u{FFFD}');
}
