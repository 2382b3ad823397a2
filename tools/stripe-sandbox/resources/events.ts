import { z } from 'zod';
import { noSuch } from '../core/errors';
import type { World } from '../core/world';
import { flag, isInRange, range, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { StripeEvent } from '../wire';

function find(world: World, id: string): StripeEvent {
  const event = world.events.get(id);
  if (event === undefined) throw noSuch('event', id);
  return event;
}

/** `customer.subscription.*` names a group, as in Stripe. */
function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

const filters = {
  created: range,
  delivery_success: flag.optional(),
  type: text.optional(),
  types: z.array(text).optional(),
};

export const eventRoutes: readonly Route[] = [
  route('GET', '/v1/events/:id', {}, ({ world, id }) => find(world, id)),
  listRoute(
    '/v1/events',
    filters,
    ({ world, params }) => {
      const wanted = params.types ?? (params.type === undefined ? undefined : [params.type]);
      const success = params.delivery_success;
      return world.events.list(
        (type, created, isDelivered) =>
          isInRange(created, params.created) &&
          (success === undefined || isDelivered === success) &&
          (wanted === undefined || wanted.some((each) => isOfType(type, each))),
      );
    },
    (world, id) => world.events.get(id),
  ),
];
