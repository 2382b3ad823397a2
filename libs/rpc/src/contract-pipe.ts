import { ProblemError, type FieldError, type RpcContract } from '#libs/contracts';
import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

/** Validates a handler's input again: the queue is no better a source than the network. */
export class ContractPipe implements PipeTransform<unknown, unknown> {
  constructor(private readonly contract: RpcContract) {}

  /** @throws ProblemError validation_failed */
  transform(input: unknown): unknown {
    const parsed = this.contract.request.safeParse(input);
    if (parsed.success) return parsed.data;
    throw new ProblemError('validation_failed', { errors: fieldErrors(parsed.error) });
  }
}

/** The errors of a schema as the API tells them. They name fields and rules, never the values that were sent. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return fields.map((path) => ({ path: path.join('.'), code: issue.code, message: issue.message }));
  });
}
