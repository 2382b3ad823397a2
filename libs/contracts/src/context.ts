import { uuid } from '#libs/validation';
import { z } from 'zod';

/** The processes of the suite. A new service adds its name here. */
export const serviceNames = ['gateway', 'auth', 'billing', 'notification'] as const;
export type ServiceName = (typeof serviceNames)[number];

const platformRoles = z.array(z.string().max(64)).max(32);

/** A person who signed in. `roles` are platform roles; roles in an organization belong to the organization. */
export const sessionActor = z.strictObject({
  kind: z.literal('session'),
  userId: uuid,
  sessionId: uuid,
  /** When they last proved who they are, in seconds since 1970 (OpenID Connect's `auth_time`). */
  authenticatedAt: z.int(),
  organizationId: uuid.nullable(),
  roles: platformRoles,
  /** Who of the staff acts as this person; then there are no roles. */
  impersonatorId: uuid.exactOptional(),
  /** Whether they may only look. Where it is missing, they may. */
  readOnly: z.boolean().exactOptional(),
});
export type SessionActor = z.output<typeof sessionActor>;

/** A program with one of a person's API keys: it may do what the key's scopes name, and nothing else. */
export const apiKeyActor = z.strictObject({
  kind: z.literal('api_key'),
  userId: uuid,
  apiKeyId: uuid,
  scopes: z.array(z.string().max(64)).max(32),
  organizationId: uuid.nullable(),
  roles: platformRoles,
});
export type ApiKeyActor = z.output<typeof apiKeyActor>;

export const actor = z.discriminatedUnion('kind', [sessionActor, apiKeyActor]);
export type Actor = z.output<typeof actor>;

/** The client at the HTTP edge. */
export const client = z.strictObject({
  /** By `TRUST_PROXY`'s rules. */
  ip: z.string().max(64),
  /** Cut to 512 characters. */
  userAgent: z.string().max(512),
  /** A device that has signed in to the very account before that the request names: its guesses are counted apart from strangers'. */
  deviceId: uuid.nullable(),
});
export type Client = z.output<typeof client>;

/** What travels with a request through every process that it touches. */
export const requestContext = z.strictObject({
  requestId: z.string().min(1).max(128),
  /** W3C trace context, version 00. */
  traceparent: z.string().max(64).nullable(),
  actor: actor.nullable(),
  locale: z.string().min(2).max(35),
  client: client.nullable(),
});
export type RequestContext = z.output<typeof requestContext>;
