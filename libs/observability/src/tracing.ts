import { context, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import { currentContext } from './context';

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;
export type SpanRole = keyof typeof kinds;

/** W3C Trace Context, version 00. */
const traceparentFormat = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

let isTracing = false;

export function setTracing(on: boolean): void {
  isTracing = on;
}

/** Outside of any span, returns the trace id of the request. */
export function currentTraceId(): string | undefined {
  if (!isTracing) return undefined;
  return (
    trace.getActiveSpan()?.spanContext().traceId ?? traceparentFormat.exec(currentContext()?.traceparent ?? '')?.[1]
  );
}

/**
 * The traceparent to send with a request, event or job (W3C Trace Context). Without tracing, returns that
 * of the current request.
 */
export function currentTraceparent(): string | null {
  const span = isTracing ? trace.getActiveSpan()?.spanContext() : undefined;
  if (span === undefined) return currentContext()?.traceparent ?? null;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** Runs `fn` in a child span of the current one. Without tracing, just runs it. */
export function withSpan<T>(name: string, role: SpanRole, fn: () => Promise<T>): Promise<T> {
  return isTracing ? runInSpan(name, role, context.active(), fn) : fn();
}

/**
 * Like withSpan, but under the span of another process. Without a traceparent it uses the current span or
 * starts a trace.
 */
export function runWithTraceparent<T>(
  traceparent: string | null,
  name: string,
  role: SpanRole,
  fn: () => Promise<T>,
): Promise<T> {
  return isTracing ? runInSpan(name, role, contextOf(traceparent), fn) : fn();
}

function contextOf(traceparent: string | null): Context {
  const [, traceId, spanId, flags] = traceparentFormat.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return context.active();
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.setSpanContext(context.active(), remote);
}

function runInSpan<T>(name: string, role: SpanRole, parent: Context, fn: () => Promise<T>): Promise<T> {
  return trace.getTracer('groundwork').startActiveSpan(name, { kind: kinds[role] }, parent, async (span) => {
    try {
      return await fn();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
