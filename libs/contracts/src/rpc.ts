import type { z } from 'zod';
import type { Permission } from './auth/organization/permission';
import type { Scope } from './auth/api-key/scope';
import type { StaffRole } from './auth/staff/staff';
import type { Actor, RequestContext, ServiceName, SessionActor } from './context';
import type { ErrorCode } from './errors';
import { httpRouteOf, type HttpBinding, type HttpRoute } from './http';

/**
 * `public`: anyone, the service itself decides. `user`: refused with `unauthenticated` unless the envelope names an actor.
 * `recent`: besides, refused with `reauthentication_required` unless the actor's sign-in is younger than `recentSeconds`.
 * `staff`: refused with `permission_denied` unless the actor is of the platform's staff, with `staff_mfa_required` where only the
 * second factor is missing.
 */
export type Access = 'public' | 'user' | 'recent' | 'staff';

/**
 * What a request does, by which staff who act as somebody else are let in. `read` changes nothing. `write` needs write access.
 * `personal` is for the person alone, as is whatever has `access: 'recent'`.
 */
export type Effect = 'read' | 'write' | 'personal';

/** How young a sign-in must be for a sensitive act. */
export const recentSeconds = 600;

/** One request that a service answers: declared once, used by the controller, the wire, the handler and the OpenAPI page. */
export interface RpcContract<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  A extends Access = Access,
  S extends Scope | null = Scope | null,
> {
  readonly service: ServiceName;
  /** Unique over the suite: `auth.register`. */
  readonly name: string;
  readonly access: A;
  /** What an API key needs to be let in. Null lets none in, whatever its scopes. */
  readonly scope: S;
  /** What the actor's role in the organization must allow; the service that owns the data looks. Null: being a member is enough, or no organization is asked for. */
  readonly permission: Permission | null;
  /** What `access: 'staff'` asks for; an admin may do what support may. */
  readonly staffRole: StaffRole;
  readonly effect: Effect;
  readonly request: Request;
  readonly response: Response;
  /** The codes that this request may be refused with, beside those that any may be refused with: libs/rpc lists them. */
  readonly errors: readonly ErrorCode[];
  /** The caller waits no longer than this. */
  readonly timeoutMs: number;
  /** Null: other services call it, and no HTTP client can. */
  readonly http: HttpRoute | null;
}

/** What a caller passes. */
export type RequestInput<C extends RpcContract> = z.input<C['request']>;
/** What the handler receives, defaults applied. */
export type RequestOf<C extends RpcContract> = z.output<C['request']>;
/** What the handler returns. */
export type ResponseInput<C extends RpcContract> = z.input<C['response']>;
/** What the caller gets. */
export type ResponseOf<C extends RpcContract> = z.output<C['response']>;
/** What the handler knows of its caller: behind any but a `public` contract there is an actor, with a session unless API keys are let in. */
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
  /** Default `write`: where it was forgotten, staff who act as somebody else are refused. */
  readonly effect?: Effect;
  readonly request: Request;
  readonly response: Response;
  readonly errors?: readonly ErrorCode[];
  readonly timeoutMs?: number;
  /** The gateway makes the route from it. */
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

/** All contracts that a service must answer: it refuses to start unless each has exactly one handler. */
export function rpcContractsOf(service: ServiceName): readonly RpcContract[] {
  return [...declared.values()].filter((contract) => contract.service === service);
}

/** An RPC contract that HTTP clients can call. */
export type HttpContract = RpcContract & { readonly http: HttpRoute };

/** All contracts with an HTTP binding, in the order of their declaration. */
export function httpContracts(): readonly HttpContract[] {
  return [...declared.values()].filter(hasRoute);
}

function hasRoute(contract: RpcContract): contract is HttpContract {
  return contract.http !== null;
}
