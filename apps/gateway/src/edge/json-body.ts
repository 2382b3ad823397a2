import { ProblemError } from '#libs/contracts';
import { decodeUtf8 } from '#libs/validation';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes a file in a form and reads it itself, after authentication. */
    upload?: boolean;
  }
}

const charsets = /;\s*charset\s*=\s*("[^"]*"|[^;\s]*)/gi;
/** No contract needs more, and recursive code would fail at some thousands of levels. */
const deepest = 64;
const utf8 = /^"?utf-?8"?$/i;

/**
 * Accepts only JSON bodies. Forms get 415 unless the route takes files, because any page can send a form
 * without a preflight.
 */
export function takeOnlyJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('multipart/form-data', ({ routeOptions }, _body, done) => {
    done(routeOptions.config.upload === true ? null : new ProblemError('unsupported_media_type'));
  });
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async ({ headers }: FastifyRequest, body: Buffer) => {
      requireUtf8(headers['content-type'] ?? '');
      // Many clients send the header without a body, as for POST /auth/logout.
      return body.length === 0 ? undefined : parse(body);
    },
  );
}

/** JSON must be UTF-8 (RFC 8259 section 8.1). Other declared charsets are refused. */
function requireUtf8(contentType: string): void {
  const declared = Array.from(contentType.matchAll(charsets), ([, charset = '']) => charset);
  if (declared.every((charset) => utf8.test(charset))) return;
  const detail = 'The body is declared in a charset other than UTF-8. Encode the JSON in UTF-8 and send it again.';
  throw new ProblemError('unsupported_media_type', { detail });
}

/**
 * Keeps members named `__proto__` and `constructor` as ordinary fields, so that schemas refuse them like
 * any other unknown field.
 */
function parse(body: Buffer): unknown {
  const value = valueOf(body);
  if (!isDeeperThan(deepest, value)) return value;
  const detail = `The JSON is nested more than ${deepest} levels deep. Send a flatter body.`;
  throw new ProblemError('malformed_json', { detail });
}

function valueOf(body: Buffer): unknown {
  try {
    return JSON.parse(decodeUtf8(body));
  } catch (cause) {
    throw new ProblemError('malformed_json', { cause });
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; depth < levels && level.length > 0; depth++) {
    level = level.flatMap((container): unknown[] => Object.values(container)).filter(isContainer);
  }
  return level.length > 0;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
