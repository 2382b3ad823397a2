import { randomUUID } from 'node:crypto';
import { currentContext } from './context';
import { errorFields } from './log-fields';
import { logger } from './logger';

export interface ErrorReport {
  readonly error: unknown;
  readonly errorId: string;
  readonly level: 'error' | 'fatal';
  readonly context: Readonly<Record<string, unknown>>;
}

let sendReport: ((report: ErrorReport) => void) | undefined;

/** Sends reports to another destination besides the log. */
export function sendReportsTo(send: (report: ErrorReport) => void): void {
  sendReport = send;
}

/**
 * Logs an unexpected error and sends it to Sentry if that is configured.
 * @param context short facts that help, such as a route, a contract or a job
 * @returns the error's id, which is safe to show to clients
 */
export function reportError(error: unknown, context: Readonly<Record<string, unknown>> = {}): string {
  return report('error', 'unexpected error', error, context);
}

/** For the error that ends the process. */
export function reportCrash(error: unknown, reason: string): string {
  return report('fatal', reason, error, {});
}

function report(level: ErrorReport['level'], message: string, error: unknown, context: ErrorReport['context']): string {
  const errorId = randomUUID();
  logger()[level]({ ...context, errorId, error: errorFields(error) }, message);
  sendReport?.({ error, errorId, level, context: { requestId: currentContext()?.requestId, ...context } });
  return errorId;
}
