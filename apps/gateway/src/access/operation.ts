import type { ErrorCode, RpcContract } from '#libs/contracts';
import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** What the API's description says of a route beyond what its decorators say already: path, method, body, access, rate limits. */
export interface OperationDescription {
  /** `resource.verb`: stable, as the SDK is generated from it. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly status: number;
  /** Its response and its errors are the route's, unless `answer` replaces the former and `errors` adds to the latter. */
  readonly contract?: RpcContract;
  readonly answer?: z.ZodType;
  /** Of the answer, where it is not JSON. */
  readonly mediaType?: string | readonly string[];
  readonly errors?: readonly ErrorCode[];
  /** The form by which a file is sent, instead of JSON. */
  readonly form?: z.ZodType;
  /** It hands out a session, as cookies where the client asks for them. */
  readonly startsSession?: boolean;
  /** It answers with a file to save. */
  readonly download?: boolean;
  /** Answers that are no problems, by status. */
  readonly alsoAnswers?: Readonly<Record<number, z.ZodType>>;
}

export const routeOperation = 'openapi-operation';

/** Describes a route of the API, and sets the status of its answer. */
export const Operation = (description: OperationDescription) =>
  applyDecorators(SetMetadata(routeOperation, description), HttpCode(description.status));
