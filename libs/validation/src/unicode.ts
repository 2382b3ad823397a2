/** Refuses invalid UTF-8. Replacing it by U+FFFD would make different inputs equal. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes UTF-8 and drops a byte order mark.
 * @throws TypeError if the bytes are not UTF-8 (RFC 3629)
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return strictUtf8.decode(bytes);
}
