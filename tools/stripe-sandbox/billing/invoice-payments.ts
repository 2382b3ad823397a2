import { newId } from '../core/ids';
import type { World } from '../core/world';
import type { Invoice, InvoicePayment, PaymentIntent } from '../wire';

export function addInvoicePayment(world: World, invoice: Invoice, intent: PaymentIntent): InvoicePayment {
  return world.tables.invoicePayments.add({
    ...{ id: newId('inpay'), object: 'invoice_payment', amount_paid: null, amount_requested: invoice.amount_due },
    ...{ created: world.now(invoice.customer), currency: invoice.currency, invoice: invoice.id, is_default: true },
    ...{ livemode: false, payment: { payment_intent: intent.id, type: 'payment_intent' }, status: 'open' },
    status_transitions: { canceled_at: null, paid_at: null },
  });
}

export function paymentOf(world: World, invoice: Invoice): InvoicePayment | undefined {
  return world.tables.invoicePayments.of(invoice.id)[0];
}

export function intentOf(world: World, invoice: Invoice): PaymentIntent | undefined {
  return world.tables.paymentIntents.get(paymentOf(world, invoice)?.payment.payment_intent ?? '');
}

export function invoiceOfIntent(world: World, intent: PaymentIntent): Invoice | undefined {
  const found = world.tables.invoices
    .of(intent.customer ?? '')
    .find((invoice) => intentOf(world, invoice)?.id === intent.id);
  return found;
}
