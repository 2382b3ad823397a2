import { docsFor } from './docs';
import type { StripeError } from '../core/errors';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function errorAnswer({ status, body }: StripeError, requestId: string): Answer {
  const request_log_url = `https://dashboard.stripe.com/test/logs/${requestId}`;
  const doc_url = body.code === undefined ? {} : { doc_url: docsFor(body.code) };
  return json(status, { error: { ...body, ...doc_url, request_log_url } });
}
