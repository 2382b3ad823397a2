import type { z } from 'zod';
import type { Actor, RequestContext, ServiceName } from './context';
import type { ErrorCode } from './errors';

/** `public`: anyone, the service itself decides. `user`: refused with `unauthenticated` unless the envelope names an actor. */
export type Access = 'public' | 'user';

/** One request that a service answers: declared once, used by the controller, the wire, the handler and the OpenAPI page. */
export interface RpcContract<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  A extends Access = Access,
> {
  readonly service: ServiceName;
  /** Unique over the suite: `auth.register`. */
  readonly name: string;
  readonly access: A;
  readonly request: Request;
  readonly response: Response;
  /** The codes that this request may be refused with, beside `validation_failed`, `unauthenticated`, `service_unavailable` and `internal_error`. */
  readonly errors: readonly ErrorCode[];
  /** The caller waits no longer than this. */
  readonly timeoutMs: number;
}

/** What a caller passes. */
export type RequestInput<C extends RpcContract> = z.input<C['request']>;
/** What the handler receives, defaults applied. */
export type RequestOf<C extends RpcContract> = z.output<C['request']>;
/** What the handler returns. */
export type ResponseInput<C extends RpcContract> = z.input<C['response']>;
/** What the caller gets. */
export type ResponseOf<C extends RpcContract> = z.output<C['response']>;
/** What the handler knows of its caller: behind a `user` contract there always is an actor. */
export type ContextOf<C extends RpcContract> = C['access'] extends 'user'
  ? RequestContext & { actor: Actor }
  : RequestContext;

const declared = new Map<string, RpcContract>();

export function defineRpc<Request extends z.ZodType, Response extends z.ZodType, A extends Access>(
  service: ServiceName,
  method: string,
  contract: { access: A; request: Request; response: Response; errors?: readonly ErrorCode[]; timeoutMs?: number },
): RpcContract<Request, Response, A> {
  const name = `${service}.${method}`;
  if (declared.has(name)) throw new Error(`The RPC contract ${name} is declared twice.`);
  const { access, request, response, errors = [], timeoutMs = 5_000 } = contract;
  const complete = { service, name, access, request, response, errors, timeoutMs };
  declared.set(name, complete);
  return complete;
}

/** All contracts that a service must answer: it refuses to start unless each has exactly one handler. */
export function rpcContractsOf(service: ServiceName): readonly RpcContract[] {
  return [...declared.values()].filter((contract) => contract.service === service);
}
