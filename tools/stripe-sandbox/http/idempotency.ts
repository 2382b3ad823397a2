import { StripeError } from '../core/errors';
import type { Answer } from './answer';

const keptSeconds = 24 * 3_600;

interface Stored {
  readonly fingerprint: string;
  readonly at: number;
  /** Undefined while the first request is still running. */
  answer: Answer | undefined;
}

/** The answers of POST requests by their `Idempotency-Key`: https://docs.stripe.com/api/idempotent_requests */
export class IdempotencyKeys {
  private readonly stored = new Map<string, Stored>();

  /** @param now seconds, in real time: keys know no test clock */
  constructor(private readonly now: () => number) {}

  /** @returns the stored answer of an earlier request, or undefined if this is the first one */
  claim(key: string, fingerprint: string): Answer | undefined {
    this.forget();
    const earlier = this.stored.get(key);
    if (earlier === undefined) {
      this.stored.set(key, { fingerprint, at: this.now(), answer: undefined });
      return undefined;
    }
    if (earlier.fingerprint !== fingerprint) throw otherParameters(key);
    if (earlier.answer === undefined) throw inUse(key);
    return { ...earlier.answer, headers: { ...earlier.answer.headers, 'idempotent-replayed': 'true' } };
  }

  store(key: string, answer: Answer): void {
    const entry = this.stored.get(key);
    if (entry !== undefined) entry.answer = answer;
  }

  /** For a request that never began: its parameters were wrong. */
  release(key: string): void {
    this.stored.delete(key);
  }

  private forget(): void {
    for (const [key, { at }] of this.stored) {
      if (at > this.now() - keptSeconds) return;
      this.stored.delete(key);
    }
  }
}

function otherParameters(key: string): StripeError {
  const message =
    'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
    `Try using a key other than '${key}' if you meant to execute a different request.`;
  return new StripeError(400, { type: 'idempotency_error', message });
}

function inUse(key: string): StripeError {
  const message =
    `There is currently another in-progress request using this Idempotent Key (that probably means you submitted ` +
    `twice, and the other request is still going through): ${key}. Please try again later.`;
  return new StripeError(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message });
}
