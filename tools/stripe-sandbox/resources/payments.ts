import type { Route } from '../http/route';
import { isInRange, range, text } from '../http/params';
import { listRoute, route } from '../http/route';

export const paymentRoutes: readonly Route[] = [
  route('GET', '/v1/payment_intents/:id', {}, ({ world, id }) => world.tables.paymentIntents.find(id)),
  listRoute(
    '/v1/payment_intents',
    { created: range, customer: text.optional() },
    ({ world, params: { created, customer } }) =>
      (customer === undefined
        ? world.tables.paymentIntents.newestFirst()
        : world.tables.paymentIntents.of(customer)
      ).filter((intent) => isInRange(intent.created, created)),
  ),
  route('GET', '/v1/charges/:id', {}, ({ world, id }) => world.tables.charges.find(id)),
  listRoute('/v1/charges', { created: range, customer: text.optional() }, ({ world, params: { created, customer } }) =>
    (customer === undefined ? world.tables.charges.newestFirst() : world.tables.charges.of(customer)).filter((charge) =>
      isInRange(charge.created, created),
    ),
  ),
];
