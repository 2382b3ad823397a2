export interface ErrorBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly payment_intent?: unknown;
  readonly payment_method?: unknown;
  readonly charge?: string;
}

/** An error that Stripe answers: https://docs.stripe.com/api/errors */
export class StripeError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message);
  }
}

export interface InvalidOptions {
  readonly code?: string;
  readonly param?: string;
}

export function invalid(message: string, options: InvalidOptions = {}): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', message, ...options });
}

export function noSuch(noun: string, id: string, param = 'id', status = 404): StripeError {
  const message = `No such ${noun}: '${id}'`;
  return new StripeError(status, { type: 'invalid_request_error', code: 'resource_missing', param, message });
}

/** The sandbox ends here, and says so: a request that it cannot answer as Stripe would is never a success. */
export function beyondSandbox(what: string): StripeError {
  const message = `The Stripe sandbox does not support ${what}. See docs/stripe-sandbox.md for what it covers.`;
  return new StripeError(501, { type: 'invalid_request_error', code: 'sandbox_unsupported', message });
}
