export { currentContext, runInContext } from './context';
export { counter, durationHistogram, eventLoopSamplingMs, gauge, httpRequestDuration, metrics } from './metrics';
export { flushLogs, logger, logHttp, logJob, logRpc, type HttpLine, type JobLine, type RpcLine } from './logger';
export { nestLogger } from './nest-logger';
export { reportError } from './report-error';
export { scrub } from './scrub';
export { startTelemetry, stopTelemetry, type TelemetryOptions } from './telemetry';
export { currentTraceparent, runWithTraceparent, withSpan, type SpanRole } from './tracing';
