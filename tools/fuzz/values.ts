import { utf8 } from './request';

const long = 60_000;

/** Texts that are hostile anywhere. */
export const texts: readonly string[] = [
  ...['', ' ', '\0', 'a\0b', 'a\r\nX-Injected: 1\r\n\r\n', '\u0001\u001b[31m\u007f\u0085', '\ufffe\uffff\u{10ffff}'],
  // Direction overrides, joiners alone, many combining marks, and a character that normalization makes
  // longer.
  ...['\u202eadA\u202c\u2066', '\u200d\u200c\ufe0f', `e${'\u0301'.repeat(500)}`, '\ufdfa'.repeat(100)],
  ...['a', ' ', '9', '-'].map((character) => character.repeat(long)),
  ...['é'.repeat(long / 2), '😀'.repeat(long / 4), 'x'.repeat(257)],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'],
  ...['null', 'undefined', 'true', 'NaN', 'Infinity', '[object Object]'],
  ...['-1', '0', '1.5', '1e3', '0x10', '9007199254740993', '9'.repeat(20), '-9223372036854775809', '١'],
  ...[`'; SELECT pg_sleep(9)--`, `%_\\%`, 'a\\', '{{7*7}}${7*7}<%= 7*7 %>', '<img src=x onerror=alert(1)>'],
  ...['%s%n%x%99999d', '=?utf-8?Q?Pay=20me?=', '../../../../etc/passwd'],
  ...['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59Z', '9999-12-31T23:59:59-23:59'],
  ...[`9999-12-31T23:59:59.${'9'.repeat(30)}Z`, '10000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z'],
  ...['-271821-04-20T00:00:00Z', '2026-02-30T00:00:00Z', '2016-12-31T23:59:60Z', '2026-01-31'],
  ...['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
  ...['{0192f0c1-2345-7abc-89de-f0123456789a}', 'urn:uuid:0192f0c1-2345-7abc-89de-f0123456789a'],
  ...['0192f0c123457abc89def0123456789a', '0192F0C1-2345-7ABC-89DE-F0123456789A'],
  ...[`${'x'.repeat(64)}@${'y.'.repeat(94)}example`, '"a b"@example.com', 'a@[127.0.0.1]', 'a@localhost', 'a@xn--'],
  ...['a@xn--a.example', 'ada@bücher.example', 'a@b@example.com', 'ADA@EXAMPLE.COM', 'ada@exam\u200dple.com'],
  ...['javascript:alert(1)', 'http://[::1', 'http://169.254.169.254/', 'https://a:b@example.com:99999/'],
  ...['https://xn--/', '//evil.example', 'file:///etc/passwd'],
];

/** JSON, including hostile texts, as bytes. */
export const jsonValues: readonly string[] = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1.5', '1e400', '-1e400', '5e-324', '1.7976931348623157e308'],
  ...['9007199254740993', '9'.repeat(400), '{}', '[]', '[null]', '[[[]]]'],
  ...[`[null${',null'.repeat(999)}]`, `[{}${',{}'.repeat(999)}]`, '{"length":4294967295,"0":"a"}'],
  ...['{"then":"a","catch":"b"}', '{"toString":"a","valueOf":null,"toJSON":1}', '{"$ne":null,"$gt":""}'],
  ...['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"isAdmin":true}}}'],
  ...['['.repeat(20_000) + ']'.repeat(20_000), `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ...texts.map((text) => utf8(JSON.stringify(text))),
];

/** Bytes that are not JSON, or that PostgreSQL cannot store. The API must refuse them everywhere. */
export const unreadableValues: readonly string[] = [
  ...[String.raw`"a\u0000b"`, String.raw`"\ud800"`, String.raw`"a\udc00\ud800b"`, String.raw`"\x41"`],
  ...[String.raw`"\u12"`, '"a\nb"', 'NaN', 'undefined', "'a'", '01', '+1', '.5', '/**/1', '"a', '[1,]'],
  // Not UTF-8: ISO 8859-1, an overlong NUL, a surrogate, a code point above Unicode, and an unfinished
  // character.
  ...['"J\xe9"', '"\xc0\x80"', '"\xed\xa0\x80"', '"\xf4\x90\x80\x80"', '"\xf0\x9f\x98"'],
];

/** Values of a path or query that are not the encoding of a text. */
export const encodedValues: readonly string[] = [
  ...['%00', '%', '%zz', '%FF', '%C0%80', '%ED%A0%80', '%F0%9F%98', '%u0041', '+', '%2F', '%5C', '%25%30%30'],
  ...['..', '.', '%2e%2e', '%2e%2e%2f%2e%2e%2f', ';a=b', '%0d%0aX-Injected:%201', '[]', '{}', '@', '*', '\xff'],
  'a'.repeat(7_000),
];

/** A list is sent as several headers of the same name. An empty list removes the header. */
export const headerValues: readonly (string | readonly string[])[] = [
  ...[[], ['a', 'b'], '', 'a\tb', '\u00e9\u00ff\u0080', ','.repeat(3_000), ';a=b'.repeat(1_000)],
  ...[300, 7_000, long].map((length) => 'a'.repeat(length)),
  ...['__proto__', 'constructor', 'null', '-1', '1e400', '9'.repeat(20), '"', '\\', '%00', '%', '*', "';--"],
  ...['a=b; a=c; =; ;', '=?utf-8?Q?=00?=', '{"a":1}', '../..', '00-00000000000000000000000000000000-0-0'],
];

/** Headers that every route reads, or a proxy in front of it. */
export const sharedHeaders: readonly string[] = [
  ...['authorization', 'x-request-id', 'traceparent', 'tracestate', 'baggage', 'user-agent', 'origin', 'referer'],
  ...['accept', 'accept-language', 'accept-encoding', 'if-none-match', 'if-modified-since', 'range', 'cookie'],
  ...['x-csrf-token', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'sec-fetch-site'],
  ...['x-http-method-override', 'content-encoding', 'expect', 'upgrade', 'content-type'],
];

const cookieNames = ['__Host-access', 'access', '__Secure-refresh', 'refresh', '__Host-csrf', 'csrf', '__Host-device'];
const json = 'application/json';
const form = 'multipart/form-data';

/** In addition to the values of all headers. */
export const valuesOfHeader: Readonly<Record<string, readonly string[]>> = {
  cookie: ['', '%', '%00', 'a.b.c', '"', 'a'.repeat(3_000), '\u00ff', '__proto__'].map((value) =>
    cookieNames.map((name) => `${name}=${value}`).join('; '),
  ),
  'content-encoding': ['gzip', 'br', 'identity', 'gzip, gzip', 'x'],
  'content-type': [
    ...['', '; charset=iso-8859-1', '; charset=utf-16', ';;;=', '; charset="'].map((rest) => json + rest),
    ...['', '; boundary=', '; boundary=other', `; boundary=${'b'.repeat(500)}`].map((rest) => form + rest),
    ...['APPLICATION/JSON', 'application/merge-patch+json', 'application/x-www-form-urlencoded', 'text/plain', '*/*'],
    ...['image/png', 'text/html; charset=utf-7'],
  ],
};
