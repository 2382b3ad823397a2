import { decodeUtf8 } from '#libs/validation';
import type { CustomFetch } from 'openid-client';

/** Discovery documents and key sets have a few kilobytes. */
const longestBody = 262_144;

/** What openid-client asks an issuer with. Its signal ends the reading of the body, too; a larger body than any honest one is refused. */
export const boundedFetch: CustomFetch = async (url, { body, ...options }) => {
  const response = await fetch(url, { ...options, body: body ?? null });
  const { status, headers } = response;
  const text = await textOf(response);
  return new Response(text === '' ? null : text, { status, headers: withoutLength(headers) });
};

async function textOf(response: Response): Promise<string> {
  const stream: AsyncIterable<unknown> | Iterable<unknown> = response.body ?? [];
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    if (!ArrayBuffer.isView(chunk)) throw new Error("The issuer's answer is not made of bytes.");
    bytes += chunk.byteLength;
    if (bytes > longestBody) throw new Error(`The issuer's answer has more than ${longestBody} bytes.`);
    chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
  // JSON is UTF-8 (RFC 8259 section 8.1). Decoding anything else would lose what tells two values apart.
  return decodeUtf8(Buffer.concat(chunks));
}

/** They described the bytes on the wire. */
function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) kept.delete(name);
  return kept;
}
