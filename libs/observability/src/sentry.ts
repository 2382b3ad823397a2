import type { ServiceName } from '#libs/contracts';
import * as Sentry from '@sentry/node';
import type { ErrorEvent } from '@sentry/node';
import { errorFields, safeFields, type LoggedError } from './log-fields';
import { scrub } from './scrub';
import type { ErrorReport } from './report-error';

export interface SentryOptions {
  readonly service: ServiceName;
  readonly dsn: string;
  readonly environment: string;
  readonly release?: string | undefined;
}

/** Sends errors and nothing else; tracing is OpenTelemetry's. Loaded only where Sentry is on: it takes some 15 MB. */
export function startSentry({ service, ...options }: SentryOptions): {
  send: (report: ErrorReport) => void;
  stop: () => Promise<void>;
} {
  Sentry.init({
    ...options,
    release: options.release,
    // Each of the default integrations collects something: requests, breadcrumbs, local variables, modules.
    defaultIntegrations: false,
    integrations: [Sentry.linkedErrorsIntegration()],
    enableOpenTelemetrySetup: false,
    enableRuntimeChannelInjection: false,
    sendClientReports: false,
    maxBreadcrumbs: 0,
    initialScope: { tags: { service } },
    beforeSend: keepAllowedParts,
  });
  return {
    send: ({ error, errorId, context, level }) =>
      void Sentry.captureException(safeError(errorFields(error)), {
        event_id: errorId.replaceAll('-', ''),
        captureContext: { level, tags: { errorId }, extra: safeFields(context) },
      }),
    stop: async () => void (await Sentry.close(2_000)),
  };
}

/** The error without its driver's or client's own fields, which hold statements, requests and answers. */
function safeError({ type, message, stack, cause }: LoggedError): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: safeError(cause) });
  error.name = type;
  error.stack = `${type}: ${message}\n${stack ?? ''}`;
  return error;
}

/** What an event may hold. Not `request`, `user`, `breadcrumbs`, `contexts`, `modules`. */
const allowedParts: ReadonlySet<string> = new Set([
  ...['event_id', 'timestamp', 'platform', 'level', 'environment', 'release', 'server_name', 'sdk'],
  ...['tags', 'extra', 'type', 'exception'],
]);

/** A second wall behind safeError: whatever the SDK adds by itself stays here. */
function keepAllowedParts(event: ErrorEvent): ErrorEvent {
  for (const part of Object.keys(event)) if (!allowedParts.has(part)) Reflect.deleteProperty(event, part);
  for (const exception of event.exception?.values ?? []) {
    exception.value = scrub(exception.value ?? '');
    for (const frame of exception.stacktrace?.frames ?? []) delete frame.vars;
  }
  return event;
}
