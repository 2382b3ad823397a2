import { ProblemError } from '#libs/contracts';
import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Node uses the first of some of these headers and joins others, but a proxy in front may have used another one. */
const singletons = new Set([
  'authorization',
  'content-length',
  'content-type',
  'host',
  'idempotency-key',
  'origin',
  'sec-fetch-site',
  'x-csrf-token',
  'x-session-mode',
]);

/**
 * A name, an IPv4 address, or an IPv6 address in brackets, and a port (RFC 3986 section 3.2.2, without
 * characters that our hosts never have).
 */
const host = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Refuses ambiguous requests, and requests that the server would otherwise answer in plain text or not at all. */
export function refuseUnreadableRequests(server: FastifyInstance): void {
  // Without a listener Node itself replies to an unknown expectation. This sends it to the hook below like
  // every other request.
  server.server.on('checkExpectation', (request, response) => void server.server.emit('request', request, response));
  server.addHook('onRequest', (request, reply, done) => {
    done(faultOf(request, reply));
  });
}

function faultOf(request: FastifyRequest, reply: FastifyReply): Error | undefined {
  const { expect, origin, 'access-control-request-method': preflighted } = request.headers;
  if (!isWellFramed(request) || !hasReadableQuery(request)) return new ProblemError('malformed_request');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return new ProblemError('expectation_failed');
  if (isCoded(request) && !request.is404) {
    // RFC 9110 section 15.5.16: names the supported coding.
    void reply.header('accept-encoding', 'identity');
    const detail = 'The body has a Content-Encoding, such as gzip. Send it without one.';
    return new ProblemError('unsupported_media_type', { detail });
  }
  // Every other OPTIONS request is for a method without a route.
  if (request.method === 'OPTIONS' && (origin === undefined || preflighted === undefined))
    return new NotFoundException();
  return undefined;
}

/** RFC 9112 sections 3.2 and 6.1. */
function isWellFramed({ raw, headers }: FastifyRequest): boolean {
  const seen = new Set<string>();
  for (const [index, header] of raw.rawHeaders.entries()) {
    const name = header.toLowerCase();
    if (index % 2 === 1 || !singletons.has(name)) continue;
    if (seen.has(name)) return false;
    seen.add(name);
  }
  const isOld = raw.httpVersion === '1.0';
  const { 'transfer-encoding': coding } = headers;
  if (coding !== undefined && (isOld || coding.toLowerCase() !== 'chunked')) return false;
  return headers.host === undefined ? isOld : host.test(headers.host);
}

/** The router refuses a path that is not UTF-8, but passes on such a query. */
function hasReadableQuery({ url }: FastifyRequest): boolean {
  const start = url.indexOf('?');
  if (start === -1) return true;
  try {
    decodeURIComponent(url.slice(start));
    return true;
  } catch {
    return false;
  }
}

function isCoded({ headers }: FastifyRequest): boolean {
  const { 'content-encoding': coding = '', 'content-length': length = '0', 'transfer-encoding': transfer } = headers;
  const hasBody = transfer !== undefined || length !== '0';
  return hasBody && coding.split(',').some((each) => !/^\s*(identity)?\s*$/i.test(each));
}
