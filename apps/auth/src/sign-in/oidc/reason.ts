const deepest = 4;
const longest = 200;
const oauthError = /^[a-z_]{1,64}$/;

/**
 * Returns why the issuer failed, for the log: messages and codes of the error and its causes. Never anything
 * else, because errors can contain claims, tokens, or quoted text.
 */
export function reasonOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || error instanceof SyntaxError || depth === deepest) return '';
  const told = [error.message.slice(0, longest), reasonOf(error.cause, depth + 1) || codeOf(error)];
  return told.filter((part) => part !== '').join(': ');
}

/** `ECONNREFUSED`, or the issuer's error code, such as `access_denied`. */
function codeOf(error: Error): string {
  const answered: unknown = 'error' in error ? error.error : undefined;
  if (typeof answered === 'string') return oauthError.test(answered) ? answered : 'an unknown error';
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code.slice(0, 64) : '';
}
