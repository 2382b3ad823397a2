/** Refuses invalid UTF-8. Replacing it by U+FFFD would make different inputs equal. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes UTF-8 and drops a byte order mark.
 * @throws TypeError if the bytes are not UTF-8 (RFC 3629)
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return strictUtf8.decode(bytes);
}

/**
 * Reads a response body as UTF-8.
 * @throws Error if it has more than `mostBytes` bytes; TypeError if it is not UTF-8
 */
export async function readUtf8(body: AsyncIterable<unknown> | null, mostBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    if (!ArrayBuffer.isView(chunk)) throw new Error('The response does not consist of bytes.');
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw new Error(`The response has more than ${mostBytes} bytes.`);
    text += decoder.decode(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), { stream: true });
  }
  return text + decoder.decode();
}
