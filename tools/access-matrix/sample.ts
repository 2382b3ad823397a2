import type { ErrorCode } from '#libs/contracts';
import type { Given } from './edge';
import type { Belongings } from './people';
import type { Stage } from './stage';

/** A valid request to a route, which can fail only because of its caller. */
export interface Sample {
  readonly given?: (stage: Omit<Stage, 'headers'>, people: Belongings) => Promise<Given>;
  /** The error code of an admitted call that does not succeed. The route itself returns it after all access checks. */
  readonly expectedError?: ErrorCode;
  /** The call changes what its caller can do next, so each call needs its own caller. */
  readonly fresh?: true;
}

export const nothing: Sample = {};

export function body(content: object, rest: Omit<Sample, 'given'> = {}): Sample {
  return { given: async () => ({ body: content }), ...rest };
}
