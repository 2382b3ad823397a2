import { fieldErrors, ProblemError, type RpcContract } from '#libs/contracts';
import type { PipeTransform } from '@nestjs/common';

/** Validates a handler's input again, because the queue is no more trustworthy than the network. */
export class ContractPipe implements PipeTransform<unknown, unknown> {
  constructor(private readonly contract: RpcContract) {}

  /** @throws ProblemError validation_failed */
  transform(input: unknown): unknown {
    const parsed = this.contract.request.safeParse(input);
    if (parsed.success) return parsed.data;
    throw new ProblemError('validation_failed', { errors: fieldErrors(parsed.error.issues) });
  }
}
