import { z } from 'zod';
import { isPlaceholder } from './placeholder';
import { describeVariable, inProduction } from './variable';

const refusedSecret = 'The value is a placeholder, too short, or easy to guess.';

/** A whole number in decimal digits. */
export function integer({ min, max }: { min: number; max: number }) {
  const schema = z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
  return describeVariable(schema, { expected: `a whole number from ${min} to ${max}` });
}

/** A TCP port. With 0 the system picks a free one. */
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

/** At least one text, separated by commas. Spaces around each text are ignored. */
export const list = describeVariable(
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().min(1)).min(1)),
  { expected: 'values separated by commas' },
);

/**
 * A URL with one of the schemes, as text. Production refuses guessable passwords. It accepts a URL without
 * a password, because client certificates and cloud identities need none.
 */
export function url(...schemes: [string, ...string[]]) {
  const schema = z.url({ protocol: new RegExp(`^(${schemes.join('|').replaceAll('+', '\\+')})$`) });
  const expected = `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return inProduction(describeVariable(schema, { expected }), refuseGuessablePassword);
}

/** A product name on one line, as users read it. Code that puts it into HTML or a header must escape it. */
export function displayText(maxLength: number) {
  const schema = z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]+$/u);
  return describeVariable(schema, { expected: `one line of at most ${maxLength} characters` });
}

/** The URL that browsers use, without a trailing slash, so that paths can be appended. Production requires https. */
export const publicUrl = inProduction(
  describeVariable(
    url('http', 'https')
      .regex(/^[^?#@\\\s]+$/)
      .transform((text) => text.replace(/\/+$/, '')),
    { expected: 'the URL that browsers see, such as https://app.acme.test' },
  ),
  (text) => (text === undefined || text.startsWith('https://') ? undefined : 'It must start with https://.'),
);

/**
 * A secret of at least `minLength` characters. Production refuses placeholders and guessable values.
 * @param make the command that prints a good one
 */
export function secret({ make = 'openssl rand -base64 32', minLength = 32 } = {}) {
  const schema = z.string().min(minLength).max(65_536);
  return inProduction(
    describeVariable(schema, { expected: `a secret of at least ${minLength} characters`, make, isSecret: true }),
    (text) => (text !== undefined && isPlaceholder(text) ? refusedSecret : undefined),
  );
}

/** Fernet keys separated by commas. The first one encrypts; all of them decrypt. */
export const fernetKeys = inProduction(
  describeVariable(z.string().regex(/^[\w-]{43}=(\s*,\s*[\w-]{43}=)*$/), {
    isSecret: true,
    expected: 'Fernet keys (32 bytes in base64url) separated by commas, the newest first',
    make: "openssl rand -base64 32 | tr '+/' '-_'",
  }),
  (text) =>
    text?.split(',').some((key) => isPlaceholder(key.trim()))
      ? 'One of the keys is published or easy to guess.'
      : undefined,
);

/**
 * Separate from `url`, because the WHATWG URL standard does not allow several hosts in one URL.
 * `libs/redis` parses the rest.
 */
export const redisUrl = inProduction(
  describeVariable(z.string().regex(/^rediss?(\+(sentinel|cluster))?:\/\/[^\s/?#][^\s]*$/), {
    isSecret: true,
    expected: 'a URL that starts with redis://, rediss://, redis+sentinel://, or redis+cluster://',
  }),
  refuseGuessablePassword,
);

function refuseGuessablePassword(text: string | undefined): string | undefined {
  const password = /^[^:/]+:\/\/[^/?#]*?:([^/?#@]+)@/.exec(text ?? '')?.[1];
  return password !== undefined && isPlaceholder(password)
    ? 'The password in it is a placeholder, too short, or easy to guess.'
    : undefined;
}

/** The same in each service that reads it. */
export const publicUrlMeaning = 'The URL that browsers use. Emailed links and access tokens hold it.';
