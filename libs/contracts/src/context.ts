import { uuid } from '#libs/validation';
import { z } from 'zod';

/** The services of the suite. Add the name of a new service here. */
export const serviceNames = ['gateway', 'auth', 'billing', 'notification'] as const;
export type ServiceName = (typeof serviceNames)[number];

const platformRoles = z.array(z.string().max(64)).max(32);

/** A signed-in user. `roles` are platform roles. Roles in an organization belong to the organization. */
export const sessionActor = z.strictObject({
  kind: z.literal('session'),
  userId: uuid,
  sessionId: uuid,
  /** When the user last authenticated, in seconds since 1970 (OpenID Connect's `auth_time`). */
  authenticatedAt: z.int(),
  organizationId: uuid.nullable(),
  roles: platformRoles,
  /** The staff member who impersonates this user. An impersonation has no platform roles. */
  impersonatorId: uuid.exactOptional(),
  /** Whether impersonation is limited to reads. A missing value means that it is. */
  readOnly: z.boolean().exactOptional(),
});
export type SessionActor = z.output<typeof sessionActor>;

/** A program that uses a user's API key. It can do only what the key's scopes allow. */
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
  /** Determined by the rules of `TRUST_PROXY`. */
  ip: z.string().max(64),
  /** Cut to 512 characters. */
  userAgent: z.string().max(512),
  /**
   * A device that has signed in to the account before. Its failed attempts are counted separately from those
   * of unknown devices.
   */
  deviceId: uuid.nullable(),
});
export type Client = z.output<typeof client>;

/** Travels with a request through every process that handles it. */
export const requestContext = z.strictObject({
  requestId: z.string().min(1).max(128),
  /** W3C trace context, version 00. */
  traceparent: z.string().max(64).nullable(),
  actor: actor.nullable(),
  locale: z.string().min(2).max(35),
  client: client.nullable(),
});
export type RequestContext = z.output<typeof requestContext>;
