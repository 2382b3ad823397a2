import { z } from 'zod';
import { invalid, noSuch } from '../core/errors';
import { newId } from '../core/ids';
import type { World } from '../core/world';
import { text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { Customer, TaxId } from '../wire';

/** The kinds that the sandbox checks the form of. Stripe has about a hundred. */
const forms = {
  eu_vat: /^[A-Z]{2}[A-Z0-9]{2,13}$/,
  gb_vat: /^GB\d{9}(\d{3})?$/,
  ch_vat: /^CHE\d{9}(MWST|TVA|IVA)$/,
  us_ein: /^\d{2}-\d{7}$/,
  jp_trn: /^T\d{13}$/,
} as const;

export const taxIdType = z.enum(['eu_vat', 'gb_vat', 'ch_vat', 'us_ein', 'jp_trn']);

export function addTaxId(world: World, customer: Customer, type: z.output<typeof taxIdType>, value: string): TaxId {
  if (!forms[type].test(value)) {
    throw invalid(`Invalid value for ${type}.`, { code: 'tax_id_invalid', param: 'value' });
  }
  const taxId: TaxId = {
    ...{ id: newId('txi'), object: 'tax_id', country: value.slice(0, 2), created: world.now(customer.id) },
    ...{ customer: customer.id, customer_account: null, livemode: false, type, value },
    owner: { customer: customer.id, customer_account: null, type: 'customer' },
    verification: { status: 'verified', verified_address: null, verified_name: null },
  };
  world.tables.taxIds.add(taxId);
  world.emit('customer.tax_id.created', taxId);
  return taxId;
}

function find(world: World, customer: string, id: string): TaxId {
  world.tables.customers.find(customer);
  const taxId = world.tables.taxIds.get(id);
  if (taxId?.customer !== customer) throw noSuch('tax id', id);
  return taxId;
}

export const taxIdRoutes: readonly Route[] = [
  route('POST', '/v1/customers/:id/tax_ids', { type: taxIdType, value: text }, ({ world, params, id }) =>
    addTaxId(world, world.tables.customers.find(id), params.type, params.value),
  ),
  route('GET', '/v1/customers/:id/tax_ids/:sub', {}, ({ world, id, sub }) => find(world, id, sub)),
  route('DELETE', '/v1/customers/:id/tax_ids/:sub', {}, ({ world, id, sub }) => {
    const taxId = find(world, id, sub);
    world.tables.taxIds.delete(sub);
    world.emit('customer.tax_id.deleted', taxId);
    return { id: sub, object: 'tax_id', deleted: true };
  }),
  listRoute('/v1/customers/:id/tax_ids', {}, ({ world, id }) => {
    world.tables.customers.find(id);
    return world.tables.taxIds.of(id);
  }),
];
