import type { z } from 'zod';
import type { Permission } from './auth/organization/permission';
import type { Scope } from './auth/api-key/scope';
import type { StaffRole } from './auth/staff/staff';
import type { Actor, RequestContext, ServiceName, SessionActor } from './context';
import type { ErrorCode } from './errors';
import { httpRouteOf, type HttpBinding, type HttpRoute } from './http';

/**
 * `public`: anyone can call it, and the service itself decides. `user`: needs an actor, or fails with
 * `unauthenticated`.
 * `recent`: also needs a sign-in within `recentSeconds`, or fails with `reauthentication_required`.
 * `staff`: needs platform staff, or fails with `permission_denied`, or with `staff_mfa_required` if only
 * the second factor is missing.
 */
export type Access = 'public' | 'user' | 'recent' | 'staff';

/**
 * What a request does. It decides what staff can do while they impersonate a user. `read` changes nothing.
 * `write` needs write access.
 * `personal` is only for the user, like everything with `access: 'recent'`.
 */
export type Effect = 'read' | 'write' | 'personal';

/** The maximum age of a sign-in for sensitive actions. */
export const recentSeconds = 600;

/**
 * One request that a service handles. It is declared once and used by the gateway's route, RPC, the
 * handler and the OpenAPI document.
 */
export interface RpcContract<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  A extends Access = Access,
  S extends Scope | null = Scope | null,
> {
  readonly service: ServiceName;
  /** Unique in the suite, such as `auth.register`. */
  readonly name: string;
  readonly access: A;
  /** The scope that an API key needs. With null, no API key can call it. */
  readonly scope: S;
  /**
   * The permission that the actor's role in the organization needs. The service that owns the data checks
   * it.
   * Null if membership is enough, or if the request is not about an organization.
   */
  readonly permission: Permission | null;
  /** The role that `access: 'staff'` needs. Admins can do everything that support can. */
  readonly staffRole: StaffRole;
  readonly effect: Effect;
  readonly request: Request;
  readonly response: Response;
  /** The error codes of this request. libs/rpc lists those that every request can fail with. */
  readonly errors: readonly ErrorCode[];
  /** The caller waits no longer than this. */
  readonly timeoutMs: number;
  /** Null if only other services can call it. */
  readonly http: HttpRoute | null;
}

/** What a caller passes. */
export type RequestInput<C extends RpcContract> = z.input<C['request']>;
/** What the handler receives, with defaults applied. */
export type RequestOf<C extends RpcContract> = z.output<C['request']>;
/** What the handler returns. */
export type ResponseInput<C extends RpcContract> = z.input<C['response']>;
/** What the caller gets. */
export type ResponseOf<C extends RpcContract> = z.output<C['response']>;
/**
 * The context that the handler gets. Unless the contract is `public`, it has an actor, which is a session
 * unless API keys are allowed.
 */
export type ContextOf<C extends RpcContract> = C['access'] extends 'public'
  ? RequestContext
  : RequestContext & { actor: C['scope'] extends null ? SessionActor : Actor };

const declared = new Map<string, RpcContract>();

export interface RpcDescription<
  Request extends z.ZodType,
  Response extends z.ZodType,
  A extends Access,
  S extends Scope | null,
> {
  readonly access: A;
  readonly scope?: S;
  readonly permission?: Permission;
  /** Default `support`. */
  readonly staffRole?: StaffRole;
  /** Default `write`, so that a contract that forgets it is closed to read-only impersonation. */
  readonly effect?: Effect;
  readonly request: Request;
  readonly response: Response;
  readonly errors?: readonly ErrorCode[];
  readonly timeoutMs?: number;
  /** The gateway builds the route from it. */
  readonly http?: HttpBinding;
}

export function defineRpc<
  Request extends z.ZodType,
  Response extends z.ZodType,
  A extends Access,
  S extends Scope | null = null,
>(
  service: ServiceName,
  method: string,
  contract: RpcDescription<Request, Response, A, S>,
): RpcContract<Request, Response, A, S | null> {
  const name = `${service}.${method}`;
  if (declared.has(name)) throw new Error(`The RPC contract ${name} is declared twice.`);
  const { access, scope = null, permission = null, staffRole = 'support', effect = 'write' } = contract;
  const { request, response, errors = [], timeoutMs = 5_000 } = contract;
  const complete = {
    service,
    name,
    access,
    scope,
    permission,
    staffRole,
    effect,
    request,
    response,
    errors,
    timeoutMs,
    http: contract.http === undefined ? null : httpRouteOf(contract.http, request, response),
  };
  declared.set(name, complete);
  return complete;
}

/** All contracts of a service. The service refuses to start unless each has exactly one handler. */
export function rpcContractsOf(service: ServiceName): readonly RpcContract[] {
  return [...declared.values()].filter((contract) => contract.service === service);
}

/** An RPC contract that HTTP clients can call. */
export type HttpContract = RpcContract & { readonly http: HttpRoute };

/** All contracts with an HTTP binding, in the order of declaration. */
export function httpContracts(): readonly HttpContract[] {
  return [...declared.values()].filter(hasRoute);
}

function hasRoute(contract: RpcContract): contract is HttpContract {
  return contract.http !== null;
}
