/** Thrown by a handler when no further attempt can help: the event or job becomes a dead letter at once. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** Its message names places and rules, never values, so that it may be shown even for a confidential contract. */
export class MalformedJobError extends PermanentError {
  override readonly name = 'MalformedJobError';
}

export class NoHandlerError extends Error {
  override readonly name = 'NoHandlerError';
}
