import type { ErrorCode, RpcContract } from '#libs/contracts';
import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/**
 * The parts of a route's OpenAPI operation that do not follow from its decorators (path, method, body,
 * access, rate limits).
 */
export interface OperationDescription {
  /** `resource.verb`. Stable, because the SDK is generated from it. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly status: number;
  /**
   * The route's response and errors come from the contract. `response` replaces the response and `errors` adds
   * to the errors.
   */
  readonly contract?: RpcContract;
  readonly response?: z.ZodType;
  /** The media type of a response that is not JSON. */
  readonly mediaType?: string | readonly string[];
  readonly errors?: readonly ErrorCode[];
  /** The form of a file upload, instead of JSON. */
  readonly form?: z.ZodType;
  /** The route starts a session, which is returned as cookies if the client asks for them. */
  readonly startsSession?: boolean;
  /** The response is a file to save. */
  readonly download?: boolean;
  /** Other responses that are not problems, by status. */
  readonly otherResponses?: Readonly<Record<number, z.ZodType>>;
}

export const routeOperation = 'openapi-operation';

/** Describes a route of the API and sets the status of its response. */
export const Operation = (description: OperationDescription) =>
  applyDecorators(SetMetadata(routeOperation, description), HttpCode(description.status));
