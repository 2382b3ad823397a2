import { ProblemError, type ErrorCode, type RpcContract } from '#libs/contracts';
import { isDatabaseUnavailable } from '#libs/database';
import { logRpc, reportError, runInContext, runWithTraceparent } from '#libs/observability';
import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { setDeadline } from './deadline';
import { longestMessage, problemReply, type RequestEnvelope } from './envelope';
import { observeHandled } from './metrics';

/** Codes that every contract can fail with. */
const implicitCodes: readonly ErrorCode[] = [
  'validation_failed',
  'unauthenticated',
  'insufficient_scope',
  'reauthentication_required',
  'permission_denied',
  'staff_mfa_required',
  'impersonation_read_only',
  'service_unavailable',
  'internal_error',
];

export interface Route {
  readonly contract: RpcContract;
  /** The handler with its guards, pipes, interceptors and filters. */
  readonly handler: MessageHandler<unknown, unknown, unknown>;
}

/** Runs requests and turns their results and errors into replies. */
export class RequestRunner {
  constructor(private readonly routes: ReadonlyMap<string, Route>) {}

  /**
   * @param timeLeftMs time until the request's deadline
   * @param send called once with the reply's text
   * @returns a promise that resolves when everything is done and never rejects
   */
  run(request: RequestEnvelope, timeLeftMs: number, send: (reply: string) => void): Promise<void> {
    setDeadline(request.context, performance.now() + timeLeftMs);
    return runInContext(request.context, () => this.respond(request, send));
  }

  private async respond(request: RequestEnvelope, send: (reply: string) => void): Promise<void> {
    const startedAt = performance.now();
    const route = this.routes.get(request.method);
    const { reply, outcome } = await resultOf(request, route);
    const durationMs = performance.now() - startedAt;
    send(reply);
    // Sends the reply before counting and logging it, because the caller is waiting.
    await Promise.resolve();
    const contract = route ? request.method : 'unknown';
    observeHandled(contract, outcome, durationMs);
    logRpc({ contract, outcome, durationMs });
  }
}

interface Result {
  readonly reply: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
}

async function resultOf({ id, method, context, input }: RequestEnvelope, route: Route | undefined): Promise<Result> {
  try {
    // During a rolling update a caller can be newer than this replica. Another replica, or the next version of
    // this one, knows the method.
    if (!route) throw new ProblemError('service_unavailable', { retryAfterSeconds: 5 });
    const { contract, handler } = route;
    const value = await runWithTraceparent(context.traceparent, method, 'server', () =>
      settled(handler(input, context)),
    );
    return { reply: valueReply(id, contract, value), outcome: 'ok' };
  } catch (error) {
    const problem = problemFor(error, method, route?.contract);
    return { reply: problemReply(id, problem), outcome: problem.code };
  }
}

async function settled(result: ReturnType<Route['handler']>): Promise<unknown> {
  const value: unknown = await result;
  return isObservable(value) ? lastValueFrom(value) : value;
}

/** Parses the response after every interceptor, so that no field leaves the service that the contract does not name. */
function valueReply(id: string, contract: RpcContract, value: unknown): string {
  const parsed = contract.response.safeParse(value);
  if (!parsed.success)
    throw new Error(`${contract.name} returned a response that its contract does not allow.`, { cause: parsed.error });
  const reply = JSON.stringify({ id, value: parsed.data });
  if (reply.length > longestMessage)
    throw new Error(`${contract.name} returned ${reply.length} characters, more than ${longestMessage}.`);
  return reply;
}

/**
 * Returns errors that the contract declares unchanged. Logs any other error and returns only an error id,
 * so that details stay in the log; or, if the database is away, that the caller may try again.
 */
function problemFor(error: unknown, method: string, contract: RpcContract | undefined): ProblemError {
  const isDeclared = (code: ErrorCode) => implicitCodes.includes(code) || contract?.errors.includes(code) === true;
  if (error instanceof ProblemError && isDeclared(error.code)) return error;
  const errorId = reportError(error, { contract: method });
  if (isDatabaseUnavailable(error)) return new ProblemError('service_unavailable', { retryAfterSeconds: 2 });
  return new ProblemError('internal_error', {
    detail: `The request failed because of an error on our side. Try again. If it keeps failing, report the error id ${errorId}.`,
  });
}
