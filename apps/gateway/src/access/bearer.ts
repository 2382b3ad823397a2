/** Other schemes are ignored, such as the Basic authentication of a proxy in front of a staging site. */
const scheme = /^bearer(?:\s|$)/i;

export function isBearer(authorization: string): boolean {
  return scheme.test(authorization);
}

/** RFC 6750 section 2.1: an access token or an API key. */
export function bearerToken(authorization: string): string | undefined {
  return /^bearer +([\w-]+\.[\w-]+\.[\w-]+|\w+)$/i.exec(authorization)?.[1];
}

/** An access token contains dots. */
export function isApiKey(token: string): boolean {
  return !token.includes('.');
}
