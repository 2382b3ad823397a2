import type { ServiceName } from '#libs/contracts';
import FastifyOtelInstrumentation from '@fastify/otel';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { scrub } from './scrub';
import { setTracing } from './tracing';

type Spans = Parameters<OTLPTraceExporter['export']>[0];
type Attributes = Spans[number]['attributes'];

/** Personal data of the client that a trace does not need. */
const droppedAttributes = [
  'client.address',
  'network.peer.address',
  'network.peer.port',
  'user_agent.original',
  'url.query',
];

/**
 * Loaded only if tracing is configured.
 * @returns a function that sends the last spans and stops tracing
 */
export function startTracing(service: ServiceName, endpoint: string): () => Promise<void> {
  const sdk = new NodeSDK({
    serviceName: service,
    traceExporter: new SafeTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }),
    // Metrics go to Prometheus and logs to stdout.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url = '' }) => /^\/(health\/|metrics)/.test(url) }),
      new FastifyOtelInstrumentation({ registerOnInitialization: true, instrumentHooks: false }),
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
      new IORedisInstrumentation({ dbStatementSerializer: (command) => command }),
    ],
  });
  sdk.start();
  setTracing(true);
  return () => sdk.shutdown();
}

/** Cleans spans like log lines before they leave the process. */
class SafeTraceExporter extends OTLPTraceExporter {
  override export(spans: Spans, done: Parameters<OTLPTraceExporter['export']>[1]): void {
    for (const span of spans) {
      scrubAttributes(span.attributes);
      for (const event of span.events) if (event.attributes !== undefined) scrubAttributes(event.attributes);
      if (span.status.message !== undefined) span.status.message = scrub(span.status.message);
    }
    super.export(spans, done);
  }
}

function scrubAttributes(attributes: Attributes): void {
  for (const name of droppedAttributes) Reflect.deleteProperty(attributes, name);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') attributes[name] = scrub(value);
  }
}
