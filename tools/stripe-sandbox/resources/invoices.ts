import { z } from 'zod';
import { invalid } from '../core/errors';
import type { World } from '../core/world';
import { payInvoice } from '../billing/collection';
import { finalize, markUncollectible, subscriptionOf, voidInvoice } from '../billing/invoices';
import { previewInvoice } from '../billing/preview';
import { flag, isInRange, range, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { Invoice } from '../wire';
import { discountList, previewDetails } from './subscription-params';

function find(world: World, id: string): Invoice {
  return world.tables.invoices.find(id);
}

const payment = {
  off_session: flag.optional(),
  paid_out_of_band: flag.optional(),
  payment_method: text.optional(),
};

const preview = {
  automatic_tax: z.strictObject({ enabled: flag }).optional(),
  customer: text.optional(),
  discounts: discountList,
  schedule: text.optional(),
  subscription: text.optional(),
  subscription_details: previewDetails,
};

const filters = {
  collection_method: z.literal('charge_automatically').optional(),
  created: range,
  customer: text.optional(),
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
  subscription: text.optional(),
};

const paymentFilter = z.strictObject({ type: z.literal('payment_intent'), payment_intent: text }).optional();

export const invoiceRoutes: readonly Route[] = [
  route('POST', '/v1/invoices/create_preview', preview, ({ world, params }) => previewInvoice(world, params)),
  route('GET', '/v1/invoices/:id', {}, ({ world, id }) => find(world, id)),
  route('POST', '/v1/invoices/:id/finalize', { auto_advance: flag.optional() }, ({ world, id }) => {
    const invoice = find(world, id);
    if (!finalize(world, invoice)) {
      const { message = 'The invoice cannot be finalized.' } = invoice.last_finalization_error ?? {};
      throw invalid(message, { code: 'customer_tax_location_invalid' });
    }
    return invoice;
  }),
  route('POST', '/v1/invoices/:id/pay', payment, ({ world, params, id }) =>
    payInvoice(world, find(world, id), {
      ...{ method: params.payment_method, outOfBand: params.paid_out_of_band, offSession: params.off_session },
    }),
  ),
  route('POST', '/v1/invoices/:id/void', {}, ({ world, id }) => voidInvoice(world, find(world, id))),
  route('POST', '/v1/invoices/:id/mark_uncollectible', {}, ({ world, id }) =>
    markUncollectible(world, find(world, id)),
  ),
  listRoute('/v1/invoices/:id/lines', {}, ({ world, id }) => find(world, id).lines.data),
  listRoute('/v1/invoices', filters, ({ world, params: { created, customer, status, subscription } }) => {
    const all = customer === undefined ? world.tables.invoices.newestFirst() : world.tables.invoices.of(customer);
    return (
      all
        .filter((invoice) => isInRange(invoice.created, created))
        .filter((invoice) => status === undefined || invoice.status === status)
        .filter((invoice) => subscription === undefined || subscriptionOf(world, invoice)?.id === subscription)
        // Like Stripe, a plain list leaves out what is on a test clock.
        .filter((invoice) => customer !== undefined || subscription !== undefined || invoice.test_clock === null)
    );
  }),
  route('GET', '/v1/invoice_payments/:id', {}, ({ world, id }) => world.tables.invoicePayments.find(id)),
  listRoute(
    '/v1/invoice_payments',
    {
      created: range,
      invoice: text.optional(),
      payment: paymentFilter,
      status: z.enum(['canceled', 'open', 'paid']).optional(),
    },
    ({ world, params: { created, invoice, payment: wanted, status } }) => {
      const all =
        invoice === undefined ? world.tables.invoicePayments.newestFirst() : world.tables.invoicePayments.of(invoice);
      return all
        .filter((each) => isInRange(each.created, created))
        .filter((each) => status === undefined || each.status === status)
        .filter((each) => wanted === undefined || each.payment.payment_intent === wanted.payment_intent);
    },
  ),
];
