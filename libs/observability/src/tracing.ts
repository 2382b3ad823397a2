import { currentContext } from './context';

export function currentTraceId(): string | undefined {
  return undefined;
}

/** What to send along with a request or event (W3C trace context). Without tracing: what came with the request. */
export function currentTraceparent(): string | null {
  return currentContext()?.traceparent ?? null;
}
