import type { ContextOf, RequestOf, ResponseInput, RpcContract } from '#libs/contracts';
import { UseGuards } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { AccessGuard } from './access-guard';
import { ContractPipe } from './contract-pipe';

/**
 * Handles a contract. It throws ProblemError with a code that the contract declares. Any other error
 * becomes `internal_error`.
 */
export type Handler<C extends RpcContract> = (input: RequestOf<C>, context: ContextOf<C>) => Promise<ResponseInput<C>>;

/**
 * Makes a controller's method the handler of a contract. The input is validated, and the actor is set
 * unless the contract is `public`.
 */
export function Handles<C extends RpcContract>(contract: C) {
  return <H extends Handler<C>>(target: object, key: string, descriptor: TypedPropertyDescriptor<H>): void => {
    Payload(new ContractPipe(contract))(target, key, 0);
    Ctx()(target, key, 1);
    MessagePattern(contract.name)(target, key, descriptor);
    if (contract.access !== 'public') UseGuards(new AccessGuard(contract))(target, key, descriptor);
  };
}
