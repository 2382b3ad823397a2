import { canonicalJson, isList, type JsonObject, type JsonValue } from './json';

const secretName =
  /pass(word|wd|phrase)|pwd|secret|token|code|hash|verifier|selector|cookie|authorization|credential|signature|otp|salt|(api|private|signing|encryption)[-_ ]?key/i;
const longestText = 1_000;
const mostItems = 100;
const deepest = 3;
/** Characters of JSON. A page of a hundred entries must fit into one message between services. */
const largest = 4_096;

/**
 * What may be kept of before and after for ever: without what is named like a secret, and no longer than a person would
 * read: texts are cut to 1000 characters, lists and objects to 100 items, what lies deeper than three levels is left out, and so
 * is each property that does not fit into 4096 characters together with those before it.
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

/** PostgreSQL's jsonb holds neither U+0000 nor half a surrogate pair, and an act must not fail for the sake of its entry. */
function storableText(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return short.toWellFormed().replaceAll('\0', '\u{FFFD}');
}
