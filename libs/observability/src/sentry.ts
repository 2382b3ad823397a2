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

/**
 * Sends only errors, because OpenTelemetry does the tracing. Loaded only if Sentry is configured, since it
 * takes about 15 MB.
 */
export function startSentry({ service, ...options }: SentryOptions): {
  send: (report: ErrorReport) => void;
  stop: () => Promise<void>;
} {
  Sentry.init({
    ...options,
    release: options.release,
    // Each default integration collects something: requests, breadcrumbs, local variables, modules.
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

/** Copies the error without the fields of drivers and clients, which contain statements, requests and responses. */
function safeError({ type, message, stack, cause }: LoggedError): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: safeError(cause) });
  error.name = type;
  error.stack = `${type}: ${message}\n${stack ?? ''}`;
  return error;
}

/** The allowed parts of an event. Not `request`, `user`, `breadcrumbs`, `contexts` or `modules`. */
const allowedParts: ReadonlySet<string> = new Set([
  ...['event_id', 'timestamp', 'platform', 'level', 'environment', 'release', 'server_name', 'sdk'],
  ...['tags', 'extra', 'type', 'exception'],
]);

/** A second safeguard after safeError: removes everything that the SDK adds. */
function keepAllowedParts(event: ErrorEvent): ErrorEvent {
  for (const part of Object.keys(event)) if (!allowedParts.has(part)) Reflect.deleteProperty(event, part);
  for (const exception of event.exception?.values ?? []) {
    exception.value = scrub(exception.value ?? '');
    for (const frame of exception.stacktrace?.frames ?? []) delete frame.vars;
  }
  return event;
}
