import {
  cancelNow,
  billPendingItems,
  cancelWhenDue,
  renew,
  resumeCollection,
  warnOfTrialEnd,
} from './billing/lifecycle';
import { advanceInvoice, settlePayment } from './billing/collection';
import {
  expireInvoice,
  onInvoiceFailed,
  onInvoicePaid,
  onInvoiceVoided,
  onRetriesExhausted,
} from './billing/subscription-hooks';
import { noteSettlement } from './billing/complete-checkout';
import { World, type Hooks } from './core/world';
import { Api } from './http/api';
import { Faults } from './http/faults';
import { routes } from './routes';
import { expireWhenDue } from './resources/checkout-sessions';
import { Deliveries } from './webhooks/deliveries';

const hooks: Hooks = {
  invoicePaid: (world, invoice) => {
    onInvoicePaid(world, invoice);
    noteSettlement(world, invoice, true);
  },
  invoiceFailed: (world, invoice) => {
    onInvoiceFailed(world, invoice);
    noteSettlement(world, invoice, false);
  },
  invoiceVoided: onInvoiceVoided,
  retriesExhausted: onRetriesExhausted,
  customerDeleted: (world, subscription) => void cancelNow(world, subscription, {}),
};

export interface Sandbox {
  readonly world: World;
  readonly api: Api;
  readonly faults: Faults;
  readonly deliveries: Deliveries;
}

/** A Stripe account with nothing in it. */
export function newSandbox(secretKey: string): Sandbox {
  const retries: { deliver?: (id: string) => void } = {};
  const world = new World(
    {
      'checkout.expire': expireWhenDue,
      'invoice.advance': advanceInvoice,
      'invoice.expire': expireInvoice,
      'payment.settle': settleWhenDue,
      'subscription.cancel': cancelWhenDue,
      'subscription.pending_items': billPendingItems,
      'subscription.renew': renew,
      'subscription.resume_collection': resumeCollection,
      'subscription.trial_will_end': warnOfTrialEnd,
      'webhook.retry': (_world, id) => retries.deliver?.(id),
    },
    hooks,
  );
  const deliveries = new Deliveries(world);
  retries.deliver = (id) => deliveries.retry(id);
  return { world, api: new Api(world, routes, secretKey), faults: new Faults(), deliveries };
}

function settleWhenDue(world: World, id: string): void {
  const intent = world.tables.paymentIntents.get(id);
  if (intent !== undefined) settlePayment(world, intent);
}
