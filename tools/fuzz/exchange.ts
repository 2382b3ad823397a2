import { request as send, type OutgoingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { HttpRequest } from './request';

export interface HttpResponse {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Longer than any deadline of the suite. */
const limitMs = 20_000;

/**
 * Sends a request unchanged. `fetch` would correct paths and refuse some headers.
 * @throws Error if there is no response
 */
export function exchange(api: string, { method, target, headers, body }: HttpRequest): Promise<HttpResponse> {
  const { hostname, port } = new URL(api);
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const length = body === undefined ? {} : { 'content-length': body.length };
  const options = { hostname, port, method, path: target, headers: { ...sendable(headers), ...length } };
  const outgoing = send({ ...options, agent: false, signal: AbortSignal.timeout(limitMs) }, (response) => {
    const {
      statusCode: status = 0,
      headers: { 'content-type': contentType = '' },
    } = response;
    buffer(response).then((bytes) => resolve({ status, contentType, text: bytes.toString() }), reject);
  });
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

/** An empty list removes a header. */
function sendable(headers: HttpRequest['headers']): OutgoingHttpHeaders {
  const lists = Object.entries(headers).map(([name, value]): [string, string[]] => [name, [value].flat()]);
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0));
}
