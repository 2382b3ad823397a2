/** Throw it from a handler if retrying can't help. The event or job becomes a dead letter at once. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** Its message contains paths and rules but no values, so it can be shown even for a confidential contract. */
export class MalformedJobError extends PermanentError {
  override readonly name = 'MalformedJobError';
}

export class NoHandlerError extends Error {
  override readonly name = 'NoHandlerError';
}
