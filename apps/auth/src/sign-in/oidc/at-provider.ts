import { ProblemError } from '#libs/contracts';
import { logger } from '#libs/observability';
import type { OidcProvider } from './oidc-provider';
import { reasonOf } from './reason';

/**
 * Turns every failure at the issuer into one error for the user and one log line for the operator.
 * @throws ProblemError `oauth_failed`
 */
export async function atProvider<T>({ id }: Pick<OidcProvider, 'id'>, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    logger().warn({ provider: id, reason: reasonOf(error) }, 'signing in at another provider failed');
    throw new ProblemError('oauth_failed', { cause: error });
  }
}
