import { z } from 'zod';

/** The processes of the suite. A new service adds its name here. */
export const serviceNames = ['gateway', 'auth', 'billing', 'notification'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Who acts. `roles` are platform roles; roles in an organisation belong to the organisation. */
export const actor = z.strictObject({
  userId: z.uuid(),
  sessionId: z.uuid(),
  organizationId: z.uuid().nullable(),
  roles: z.array(z.string().max(64)).max(32),
});
export type Actor = z.output<typeof actor>;

/** The client at the HTTP edge: the address by `TRUST_PROXY`'s rules, the user agent cut to 512 characters. */
export const client = z.strictObject({ ip: z.string().max(64), userAgent: z.string().max(512) });
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
