/** Refuses what is no UTF-8 instead of replacing it by U+FFFD, which would make different inputs equal. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text that the bytes encode, without a byte order mark.
 * @throws TypeError when they are not UTF-8 (RFC 3629)
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return strictUtf8.decode(bytes);
}
