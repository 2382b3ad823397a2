import type { ErrorCode } from '#libs/contracts';
import type { Given } from './edge';
import type { Belongings } from './people';
import type { Stage } from './stage';

/** A request to a route that nothing is wrong with but, perhaps, its caller. */
export interface Sample {
  readonly given?: (stage: Omit<Stage, 'headers'>, people: Belongings) => Promise<Given>;
  /** What an admitted call is answered with, where it does not succeed: the act's own refusal, which comes after all others. */
  readonly answer?: ErrorCode;
  /** The act changes what its caller may do next: each call gets a caller of its own. */
  readonly fresh?: true;
}

export const nothing: Sample = {};

export function body(content: object, rest: Omit<Sample, 'given'> = {}): Sample {
  return { given: async () => ({ body: content }), ...rest };
}
