import { ProblemError, recentSeconds, type Actor, type RequestContext, type RpcContract } from '#libs/contracts';
import type { CanActivate, ExecutionContext } from '@nestjs/common';

/** Clocks of hosts differ a little: a sign-in may seem to be in the future. */
const clockLeewaySeconds = 60;

/** Stands before every handler, in the service itself: a gateway that forgets to check opens nothing. */
export class AccessGuard implements CanActivate {
  constructor(private readonly contract: RpcContract) {}

  /** @throws ProblemError unauthenticated, insufficient_scope, reauthentication_required */
  canActivate(execution: ExecutionContext): boolean {
    const { actor } = execution.switchToRpc().getContext<RequestContext>();
    if (actor === null) throw new ProblemError('unauthenticated');
    if (!this.allows(actor)) throw new ProblemError('insufficient_scope');
    if (this.contract.access === 'recent' && !isRecent(actor)) throw new ProblemError('reauthentication_required');
    return true;
  }

  private allows(actor: Actor): boolean {
    if (actor.kind === 'session') return true;
    return this.contract.scope !== null && actor.scopes.includes(this.contract.scope);
  }
}

/** A key that lies somewhere proves nobody's presence. */
function isRecent(actor: Actor): boolean {
  if (actor.kind === 'api_key') return false;
  const age = Date.now() / 1_000 - actor.authenticatedAt;
  return age < recentSeconds && age > -clockLeewaySeconds;
}
