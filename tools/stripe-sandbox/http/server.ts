import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json, type Answer } from './answer';
import type { Api } from './api';
import type { Fault, Faults } from './faults';

const mostBytes = 1_000_000;

/** Answers what is not the API: pages and controls. Undefined if the path is not one of theirs. */
export type Site = (method: string, url: URL, body: string) => Promise<Answer | undefined>;

export interface ServerParts {
  readonly api: Api;
  readonly faults: Faults;
  readonly site: Site;
}

export function sandboxServer(parts: ServerParts): Server {
  return createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      // A mistake in the sandbox is told as one, with its stack: a test that meets it must fail.
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      console.error(message);
      send(response, json(500, { error: { type: 'api_error', message } }));
    });
  });
}

async function answer(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const { method = 'GET' } = request;
  if (!isLoopbackName(request.headers.host)) return send(response, json(403, { error: { message: 'Loopback only.' } }));
  const body = await bodyOf(request);
  if (body === undefined) return send(response, json(413, { error: { message: 'The body is too large.' } }));
  const own = url.pathname.startsWith('/v1') ? undefined : await parts.site(method, url, body);
  if (own !== undefined) return send(response, own);
  const fault = parts.faults.take(method, url.pathname);
  const asked = {
    ...{ method, path: url.pathname, form: method === 'POST' ? body : url.search.slice(1) },
    authorization: request.headers.authorization,
    version: header(request, 'stripe-version'),
    idempotencyKey: header(request, 'idempotency-key'),
  };
  if (fault === undefined) return send(response, await parts.api.answer(asked));
  if (fault.kind === 'slow') return send(response, await parts.api.answer(asked, false, later(fault.ms)));
  const effect = fault.when === 'after' ? await parts.api.answer(asked, fault.kind === 'error') : undefined;
  return fail(fault, effect, response);
}

function fail(fault: Fault, effect: Answer | undefined, response: ServerResponse): void {
  if (fault.kind === 'cut') return void response.destroy();
  if (fault.kind === 'hang') return;
  if (fault.kind === 'error' && effect !== undefined) return send(response, effect);
  send(response, faultyAnswers[fault.kind]);
}

const html = '<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>';
const rateLimit = {
  type: 'invalid_request_error',
  code: 'rate_limit',
  message: 'Too many requests in too short a time.',
};

const faultyAnswers: Readonly<Record<Exclude<Fault['kind'], 'cut' | 'hang'>, Answer>> = {
  rate_limit: json(429, { error: rateLimit }),
  error: json(500, { error: { type: 'api_error', message: 'An unknown error occurred.' } }),
  html: { status: 502, headers: { 'content-type': 'text/html' }, body: html },
  garbage: json(502, { message: 'upstream connect error' }),
  slow: json(200, {}),
};

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A page in a browser must not reach the sandbox by a name of its own. */
function isLoopbackName(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    if (!(part instanceof Buffer)) throw new TypeError('A request body must be bytes.');
    const bytes: Buffer = part;
    size += bytes.length;
    if (size <= mostBytes) parts.push(bytes);
  }
  return size > mostBytes ? undefined : Buffer.concat(parts).toString();
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
