import { ProblemError, type ErrorCode } from '#libs/contracts';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { describeProblem, problemMediaType } from './problem';

/** Gives the client time to read the response to CONNECT. The server's timeouts no longer apply to its connection. */
const lingerMs = 2_000;

const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Responds to requests that never reach the framework. Without a reply object, the responses are written by hand. */
export class ClientErrors {
  /** The last request of each connection. */
  private readonly latest = new WeakMap<Duplex, Exchange>();

  constructor(private readonly publicUrl: string) {}

  watch(server: Server): void {
    server.on('request', (request, response) => this.latest.set(request.socket, { request, response }));
    server.on('connect', (_request, socket) => this.refuseTunnel(socket));
  }

  /** Handles requests that Node could not parse. */
  respond(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (error.code === 'ECONNRESET' || !socket.writable || this.hasResponse(socket)) return void socket.destroy();
    this.end(socket, new ProblemError(codes[error.code ?? ''] ?? 'malformed_request'));
  }

  /** A second response would be taken for that of another request, or break a response in progress. */
  private hasResponse(socket: Duplex): boolean {
    const { request, response } = this.latest.get(socket) ?? {};
    if (request === undefined || response === undefined) return false;
    return request.complete ? !response.writableFinished : response.headersSent;
  }

  /** Refuses CONNECT. Node would just close the connection. */
  private refuseTunnel(socket: Duplex): void {
    socket.on('error', () => socket.destroy()).resume();
    setTimeout(() => socket.destroy(), lingerMs).unref();
    const detail = 'This server is not a proxy and does not support CONNECT. Send the request to its path.';
    this.end(socket, new ProblemError('method_not_allowed', { detail }), ['Allow: ']);
  }

  private end(socket: Duplex, refusal: ProblemError, headers: readonly string[] = []): void {
    const requestId = randomUUID();
    const body = JSON.stringify(describeProblem(refusal, this.publicUrl, requestId));
    socket.end(
      [
        `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
        `Content-Type: ${problemMediaType}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        `X-Request-Id: ${requestId}`,
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        'Connection: close',
        ...headers,
        '',
        body,
      ].join('\r\n'),
    );
  }
}
