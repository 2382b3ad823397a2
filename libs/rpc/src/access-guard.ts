import type { RequestContext, RpcContract } from '#libs/contracts';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { requireAccess } from './access';

/** Runs before every handler, in the service itself, so a gateway that forgets to check access opens nothing. */
export class AccessGuard implements CanActivate {
  constructor(private readonly contract: RpcContract) {}

  /** @throws ProblemError the errors of `requireAccess` */
  canActivate(execution: ExecutionContext): boolean {
    requireAccess(this.contract, execution.switchToRpc().getContext<RequestContext>().actor);
    return true;
  }
}
