import { isPlain, type Plain } from '../core/json';
import type { Tables } from '../core/tables';
import type { World } from '../core/world';
import { listOf } from './route';

/** Which objects the ids in a field name: by object and field, or by the field alone where it always means the same. */
export const references: Readonly<Record<string, keyof Tables>> = {
  '.charge': 'charges',
  '.coupon': 'coupons',
  '.customer': 'customers',
  '.customer_balance_transaction': 'balanceTransactions',
  '.default_payment_method': 'paymentMethods',
  '.discount': 'discounts',
  '.discounts': 'discounts',
  '.invoice': 'invoices',
  '.latest_charge': 'charges',
  '.latest_invoice': 'invoices',
  '.payment_intent': 'paymentIntents',
  '.payment_method': 'paymentMethods',
  '.pending_setup_intent': 'setupIntents',
  '.price': 'prices',
  '.product': 'products',
  '.promotion_code': 'promotionCodes',
  '.refund': 'refunds',
  '.schedule': 'schedules',
  '.setup_intent': 'setupIntents',
  '.subscription': 'subscriptions',
  '.test_clock': 'testClocks',
  'billing_portal.session.configuration': 'portalConfigurations',
  'product.default_price': 'prices',
};

type Compute = (world: World, row: Plain) => unknown;

const idOf = (row: Plain) => String(row['id']);

/** Fields that Stripe leaves out unless a request asks for them. */
export const computed: Readonly<Record<string, Compute>> = {
  'charge.refunds': (world, row) => {
    const all = world.tables.refunds.newestFirst().filter(({ charge }) => charge === idOf(row));
    return listOf(structuredClone(all), `/v1/charges/${idOf(row)}/refunds`);
  },
  'checkout.session.line_items': (world, row) => {
    const lines = world.internal.checkoutLines.get(idOf(row))?.lines ?? [];
    return listOf(structuredClone(lines), `/v1/checkout/sessions/${idOf(row)}/line_items`);
  },
  'customer.subscriptions': (world, row) => {
    const live = world.tables.subscriptions.of(idOf(row)).filter(({ status }) => status !== 'canceled');
    return listOf(structuredClone(live), `/v1/customers/${idOf(row)}/subscriptions`);
  },
  'customer.tax': (_world, row) => {
    const address = row['address'];
    const country = isPlain(address) && typeof address['country'] === 'string' ? address['country'] : null;
    const location = country === null ? null : { country, source: 'billing_address', state: null };
    return {
      automatic_tax: country === null ? 'unrecognized_location' : 'supported',
      ...{ ip_address: null, location, provider: 'stripe' },
    };
  },
  'customer.tax_ids': (world, row) =>
    listOf(structuredClone(world.tables.taxIds.of(idOf(row))), `/v1/customers/${idOf(row)}/tax_ids`),
  'invoice.confirmation_secret': (world, row) => {
    const [payment] = world.tables.invoicePayments.of(idOf(row));
    const intent = world.tables.paymentIntents.get(payment?.payment.payment_intent ?? '');
    return intent === undefined ? null : { client_secret: intent.client_secret ?? '', type: 'payment_intent' };
  },
  'invoice.payments': (world, row) =>
    listOf(structuredClone(world.tables.invoicePayments.of(idOf(row))), '/v1/invoice_payments'),
};
