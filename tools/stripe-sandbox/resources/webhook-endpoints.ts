import { z } from 'zod';
import { invalid } from '../core/errors';
import { newId, randomText } from '../core/ids';
import { assignGiven, mergeMetadata } from '../core/json';
import { apiVersion } from '../core/version';
import type { World } from '../core/world';
import { emptyable, flag, metadata, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { WebhookEndpoint } from '../wire';

const daySeconds = 86_400;

const changes = {
  description: emptyable(text),
  disabled: flag.optional(),
  enabled_events: z.array(text).min(1).optional(),
  metadata,
  url: z.url({ protocol: /^https?$/ }).optional(),
};

const creation = {
  ...changes,
  api_version: text.optional(),
  enabled_events: z.array(text).min(1),
  url: z.url({ protocol: /^https?$/ }),
};

export interface EndpointDraft {
  readonly url: string;
  readonly events: readonly string[];
  /** By default it is made up. */
  readonly secret?: string;
  readonly description?: string | null | undefined;
  readonly metadata?: Record<string, string> | null | undefined;
}

export function addEndpoint(world: World, draft: EndpointDraft): WebhookEndpoint & { secret: string } {
  const endpoint: WebhookEndpoint = {
    ...{ id: newId('we'), object: 'webhook_endpoint', api_version: apiVersion, application: null },
    ...{ created: world.realClock.now(), description: draft.description ?? null, enabled_events: [...draft.events] },
    ...{ livemode: false, metadata: mergeMetadata({}, draft.metadata), status: 'enabled', url: draft.url },
  };
  const secret = draft.secret ?? `whsec_${randomText(32)}`;
  world.tables.webhookEndpoints.add(endpoint);
  world.internal.endpointSecrets.add({ id: endpoint.id, secrets: [{ secret, until: null }] });
  return { ...endpoint, secret };
}

/** Gives the endpoint a new secret. The old one signs too, for a day. */
export function rollSecret(world: World, id: string): string {
  const entry = world.internal.endpointSecrets.find(id);
  const until = world.realClock.now() + daySeconds;
  const secret = `whsec_${randomText(32)}`;
  entry.secrets = [{ secret, until: null }, ...entry.secrets.map((old) => ({ ...old, until: old.until ?? until }))];
  return secret;
}

export const webhookEndpointRoutes: readonly Route[] = [
  route('POST', '/v1/webhook_endpoints', creation, ({ world, params }) => {
    const { api_version: version, url, enabled_events: events, description } = params;
    if (version !== undefined && version !== apiVersion) {
      throw invalid(`The Stripe sandbox sends events of version ${apiVersion} only.`, { param: 'api_version' });
    }
    return addEndpoint(world, { url, events, description, metadata: params.metadata });
  }),
  route('GET', '/v1/webhook_endpoints/:id', {}, ({ world, id }) => world.tables.webhookEndpoints.find(id)),
  route('POST', '/v1/webhook_endpoints/:id', changes, ({ world, params, id }) => {
    const endpoint = world.tables.webhookEndpoints.find(id);
    const { description, disabled, enabled_events, url } = params;
    assignGiven(endpoint, { description, enabled_events, url });
    if (disabled !== undefined) endpoint.status = disabled ? 'disabled' : 'enabled';
    if (params.metadata !== undefined) endpoint.metadata = mergeMetadata(endpoint.metadata, params.metadata);
    return endpoint;
  }),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, ({ world, id }) => {
    world.tables.webhookEndpoints.find(id);
    world.tables.webhookEndpoints.delete(id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
  listRoute('/v1/webhook_endpoints', {}, ({ world }) => world.tables.webhookEndpoints.newestFirst()),
];
