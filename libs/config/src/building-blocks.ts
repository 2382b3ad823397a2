import { z } from 'zod';
import { isPlaceholder } from './placeholder';
import { describeVariable, inProduction } from './variable';

const refusedSecret = 'It is a placeholder, too short, or easy to guess.';

/** A whole number in decimal digits. */
export function integer({ min, max }: { min: number; max: number }) {
  const schema = z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
  return describeVariable(schema, { expected: `a whole number from ${min} to ${max}` });
}

/** A TCP port; 0 takes any free one. */
export const port = describeVariable(integer({ min: 0, max: 65_535 }), {
  expected: 'a port, a whole number from 0 to 65535',
});

/** A duration in whole seconds. */
export function seconds({ min = 1, max = 86_400 }: { min?: number; max?: number } = {}) {
  return describeVariable(integer({ min, max }), { expected: `a number of seconds from ${min} to ${max}` });
}

export const boolean = describeVariable(
  z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] }),
  { expected: 'true or false' },
);

/** Comma-separated texts, at least one; blanks around them do not count. */
export const list = describeVariable(
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().min(1)).min(1)),
  { expected: 'texts separated by commas' },
);

/**
 * A URL with one of the schemes, as text. Production refuses one that holds a guessable password; none at all is fine,
 * because client certificates and cloud identities need none.
 */
export function url(...schemes: [string, ...string[]]) {
  const schema = z.url({ protocol: new RegExp(`^(${schemes.join('|').replaceAll('+', '\\+')})$`) });
  const expected = `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return inProduction(describeVariable(schema, { expected }), refuseGuessablePassword);
}

/** A product's name as people read it, on one line. What has a meaning in some format is that format's business. */
export function displayText(maxLength: number) {
  const schema = z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]+$/u);
  return describeVariable(schema, { expected: `one line of at most ${maxLength} characters` });
}

/** Where people's browsers reach us, without a trailing slash. Paths are appended to it. Production insists on https. */
export const publicUrl = inProduction(
  describeVariable(
    url('http', 'https')
      .regex(/^[^?#@\\\s]+$/)
      .transform((text) => text.replace(/\/+$/, '')),
    { expected: 'the URL that browsers see, such as https://app.acme.test' },
  ),
  (text) => (text === undefined || text.startsWith('https://') ? undefined : 'It must begin with https://.'),
);

/**
 * A secret of at least `minLength` characters. Production refuses placeholders and what is easy to guess.
 * @param make the command that prints a good one
 */
export function secret({ make = 'openssl rand -base64 32', minLength = 32 } = {}) {
  const schema = z.string().min(minLength).max(65_536);
  return inProduction(
    describeVariable(schema, { expected: `a secret of at least ${minLength} characters`, make }),
    (text) => (text !== undefined && isPlaceholder(text) ? refusedSecret : undefined),
  );
}

/** Fernet keys separated by commas: the first encrypts, all decrypt. */
export const fernetKeys = inProduction(
  describeVariable(z.string().regex(/^[\w-]{43}=(\s*,\s*[\w-]{43}=)*$/), {
    expected: 'Fernet keys (32 bytes in base64url) separated by commas, the newest first',
    make: "openssl rand -base64 32 | tr '+/' '-_'",
  }),
  (text) =>
    text?.split(',').some((key) => isPlaceholder(key.trim()))
      ? 'One of the keys is a published or guessable one.'
      : undefined,
);

/** Kept apart from `url`, because several hosts in one URL are no URL to the WHATWG's rules. `libs/redis` reads the rest. */
export const redisUrl = inProduction(
  describeVariable(z.string().regex(/^rediss?(\+(sentinel|cluster))?:\/\/[^\s/?#][^\s]*$/), {
    expected: 'a URL that begins with redis://, rediss://, redis+sentinel:// or redis+cluster://',
  }),
  refuseGuessablePassword,
);

function refuseGuessablePassword(text: string | undefined): string | undefined {
  const password = /^[^:/]+:\/\/[^/?#]*?:([^/?#@]+)@/.exec(text ?? '')?.[1];
  return password !== undefined && isPlaceholder(password)
    ? `Its password: ${refusedSecret.replace('It', 'it')}`
    : undefined;
}
