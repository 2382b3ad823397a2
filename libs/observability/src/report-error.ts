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

/** Where reports go beside the log. */
export function sendReportsTo(send: (report: ErrorReport) => void): void {
  sendReport = send;
}

/**
 * For surprises: logs the error and sends it to Sentry where that is on.
 * @param context short facts that help: a route, a contract, a job
 * @returns the error's id, which a client may be told
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
