import { readUtf8 } from '#libs/validation';
import type { CustomFetch } from 'openid-client';

/** Discovery documents and key sets have a few kilobytes. */
const longestBody = 262_144;

/** The fetch of openid-client. Its signal also ends the reading of the body, and it refuses oversized bodies. */
export const boundedFetch: CustomFetch = async (url, { body, ...options }) => {
  const response = await fetch(url, { ...options, body: body ?? null });
  const { status, headers } = response;
  // JSON is UTF-8 (RFC 8259 section 8.1). Decoding anything else could make two different values equal.
  const text = await readUtf8(response.body, longestBody);
  return new Response(text === '' ? null : text, { status, headers: withoutLength(headers) });
};

/** They described the bytes on the wire. */
function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) kept.delete(name);
  return kept;
}
