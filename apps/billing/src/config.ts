import { commonEnvironment, readEnvironment, ServiceConfig } from '#libs/config';
import { z } from 'zod';

const environment = z.object({ ...commonEnvironment });

/** What billing was told at its start: the only place that knows its environment. */
export class BillingConfig extends ServiceConfig {
  /** The names of the environment variables that this service reads. */
  static readonly variables: readonly string[] = Object.keys(environment.shape);

  private constructor(parsed: z.output<typeof environment>) {
    super(parsed);
  }

  /** Ends the process with one line per bad variable. */
  static read(): BillingConfig {
    return new BillingConfig(readEnvironment(environment));
  }
}
