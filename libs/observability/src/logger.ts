import type { ServiceName } from '#libs/contracts';
import { format } from 'node:util';
import { destination, pino, stdTimeFunctions, type Level, type LevelWithSilent, type Logger } from 'pino';
import { currentContext } from './context';
import { safeFields } from './log-fields';
import { scrub } from './scrub';
import { currentTraceId } from './tracing';

type LogMethod = (this: Logger, fields: object, message?: string) => void;

interface Output {
  /** For texts and objects from any source. Each is cleaned. */
  readonly logger: Logger;
  /** For lines of this library, whose fields are already clean. */
  readonly lines: Logger;
  flush(): void;
}

let output: Output | undefined;

/** Tests and scripts never start logging. Their warnings and errors go to stderr. */
function currentOutput(): Output {
  output ??= openOutput({ fd: 2, sync: true }, 'warn');
  return output;
}

/** Starts writing JSON lines to stdout. */
export function startLogging(service: ServiceName, version: string, level: LevelWithSilent): void {
  // Writes in the background, in batches of 4 kB or 0.1 s, because one write per line would cost more than
  // the rest of the line.
  // If stdout is not read, lines beyond 16 MB are dropped.
  output = openOutput({ fd: 1, sync: false, minLength: 4_096, periodicFlush: 100, maxLength: 16_777_216 }, level, {
    service,
    version,
    pid: process.pid,
  });
}

function openOutput(
  target: { fd: number; sync: boolean; minLength?: number; periodicFlush?: number; maxLength?: number },
  level: LevelWithSilent,
  base: object = {},
): Output {
  const stream = destination(target);
  const options = {
    level,
    base,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => ({ requestId: currentContext()?.requestId, traceId: currentTraceId() }),
  };
  return {
    logger: pino({ ...options, hooks: { logMethod: logSafely } }, stream),
    lines: pino(options, stream),
    flush: () => stream.flushSync(),
  };
}

function logSafely(this: Logger, args: unknown[], method: LogMethod): void {
  const [first, ...rest] = args;
  const hasFields = typeof first === 'object' && first !== null;
  const fields = hasFields ? safeFields(first instanceof Error ? { err: first } : first) : {};
  const texts = (hasFields ? rest : args).filter((text) => text !== undefined);
  if (texts.length === 0) method.call(this, fields);
  else method.call(this, fields, scrub(format(...texts)));
}

/** Returns the process's logger. Everything it logs is cleaned: see safeFields. */
export function logger(): Logger {
  return currentOutput().logger;
}

/** Writes buffered lines before the process ends. */
export function flushLogs(): void {
  output?.flush();
}

export interface HttpLine {
  readonly method: string;
  /** The route's pattern (`/users/me/sessions/:id`), never the URL. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly ip: string;
  /** Set if the line is written outside the request's context. */
  readonly requestId?: string;
}

export interface RpcLine {
  readonly contract: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly durationMs: number;
}

export interface JobLine {
  /** The event's or job's name. */
  readonly job: string;
  readonly outcome: 'done' | 'repeated' | 'retrying' | 'dead';
  readonly durationMs: number;
  readonly attempt: number;
}

export function logHttp(line: HttpLine): void {
  write(line.status >= 500 ? 'error' : 'info', line, 'http request');
}

export function logRpc(line: RpcLine): void {
  write(rpcLevels[line.outcome] ?? 'info', line, 'rpc request');
}

export function logJob(line: JobLine): void {
  write(jobLevels[line.outcome], line, 'job');
}

const rpcLevels: Readonly<Record<string, Level>> = { internal_error: 'error', service_unavailable: 'warn' };
const jobLevels = { done: 'info', repeated: 'info', retrying: 'warn', dead: 'error' } as const;

function write(level: Level, line: HttpLine | RpcLine | JobLine, message: string): void {
  const fields: object = { ...line, durationMs: Math.round(line.durationMs * 10) / 10 };
  currentOutput().lines[level](fields, message);
}
