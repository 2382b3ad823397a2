import { z } from 'zod';
import { rule } from './rule';

const maxLength = 2048;

/**
 * The address of a picture elsewhere, in the WHATWG's normal form. It is shown, never fetched, by the suite; still only a
 * plain https address of a named host passes: no credentials, port, IP literal or SVG (OWASP SSRF prevention). Which
 * hosts are allowed is configuration of the service that stores it.
 */
export const avatarUrl = z
  .string()
  .max(maxLength)
  .meta({ format: 'uri', examples: ['https://avatars.githubusercontent.com/u/1'] })
  // The parser drops line ends and encodes what else does not belong there: what it read is kept, not what was typed.
  .transform((value) => URL.parse(value)?.href ?? '')
  .refine(isPlainPictureAddress, rule('avatar_url_invalid'));

function isPlainPictureAddress(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null &&
    value.length <= maxLength &&
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    url.port === '' &&
    /^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*$/.test(url.hostname) &&
    !/\.svgz?$/i.test(url.pathname)
  );
}
