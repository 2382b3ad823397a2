import { z } from 'zod';
import { rule } from './rule';

const maxLength = 2048;

/**
 * The URL of a picture on another site, in the WHATWG's normal form. The suite shows but never fetches it.
 * Even so, only plain https URLs pass: no credentials, port, IP literal or SVG (OWASP SSRF prevention).
 * The service that stores it configures the allowed hosts.
 */
export const avatarUrl = z
  .string()
  .max(maxLength)
  .meta({ format: 'uri', examples: ['https://avatars.githubusercontent.com/u/1'] })
  // The parser drops line ends and percent-encodes invalid characters, so the parsed URL is kept instead of
  // the input.
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
