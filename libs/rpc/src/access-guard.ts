import { ProblemError, type RequestContext } from '#libs/contracts';
import type { CanActivate, ExecutionContext } from '@nestjs/common';

/** Stands before every handler of a `user` contract, in the service itself: a gateway that forgets to check opens nothing. */
export class AccessGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    if (execution.switchToRpc().getContext<RequestContext>().actor) return true;
    throw new ProblemError('unauthenticated');
  }
}
