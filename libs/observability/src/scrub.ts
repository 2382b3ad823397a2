const longest = 8_192;

/**
 * What must not reach a log or an error tracker, whoever wrote the text. Repetitions are bounded or
 * anchored, so hostile text takes only linear time.
 */
const rules: readonly (readonly [RegExp, string])[] = [
  // Credentials in a URL, even with an unescaped / or @.
  [/:\/\/[^\s"'<>@:/]{0,100}:[^\s"'<>]{0,300}@/g, '://[redacted]@'],
  // Every value in a URL's query.
  [/([?&][\w.~%-]{1,64}=)[^\s&#"'<>]+/g, '$1[redacted]'],
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=])[^\r\n]*/gi, '$1$2 [redacted]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  [
    /((?:pass(?:word|wd|phrase)|pwd|secret|token|api[-_]?key|private[-_]?key|credential|otp)[\w-]{0,32}\\?["']?\s{0,4}[:=]\s{0,4})("(?:[^"\\]|\\[^])*"?|\\"[^"]*"?|'[^']*'?|[^\s,;&"'}]+)/gi,
    '$1[redacted]',
  ],
  [/-----BEGIN [A-Z ]{1,40}-----[^]*?(-----END [A-Z ]{1,40}-----|$)/g, '[key]'],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, '[token]'],
  [/\$argon2\w{1,2}\$\S+/g, '[hash]'],
  // Our API keys, even if cut off.
  [/gw_live_\w+/gi, '[token]'],
  [/\b(?:sk|pk|rk|whsec)_\w{8,}/g, '[token]'],
  // Random text: at least 32 characters with uppercase, lowercase and digits, or at least 40 hexadecimal
  // digits.
  [/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{32,}={0,2}/g, '[token]'],
  [/\b[\da-f]{40,}\b/gi, '[token]'],
  [
    /(?<![^\s"'<>()[\]@:,;=\\/])[^\s"'<>()[\]@:,;=\\/]{1,200}(?:@|%40)(?:[\p{L}\d-]{1,63}\.){1,8}\p{L}{2,24}/giu,
    '[email]',
  ],
  // Text that V8 quotes if it could not parse it.
  [/(?:\.\.\.)?"[^]{0,120}? is not valid JSON/g, '[…] is not valid JSON'],
];

/** Removes credentials, tokens, keys, query values and email addresses, and cuts the text to 8192 characters. */
export function scrub(text: string): string {
  let clean = text.length > longest ? `${text.slice(0, longest)}…` : text;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  return clean;
}
