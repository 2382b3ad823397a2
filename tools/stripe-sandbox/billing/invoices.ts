import { invalid } from '../core/errors';
import { newId } from '../core/ids';
import { assignGiven } from '../core/json';
import type { DraftLine } from '../core/tables';
import type { World } from '../core/world';
import { listOf } from '../http/route';
import { adjustBalance } from '../resources/balance';
import type { Customer, Invoice, Subscription } from '../wire';
import { invoiceLines, totalsOf } from './invoice-lines';
import { addIntent, cancelIntent } from './payment-intents';
import { addInvoicePayment, intentOf } from './invoice-payments';
import { taxRuleOf } from './tax';

export interface InvoiceDraft {
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly reason: NonNullable<Invoice['billing_reason']>;
  readonly lines: readonly DraftLine[];
  readonly discounts: readonly string[];
  readonly period: { readonly start: number; readonly end: number };
}

const blank = {
  object: 'invoice',
  ...{ account_country: 'US', account_name: 'Groundwork sandbox', account_tax_ids: null, amount_overpaid: 0 },
  ...{ amount_paid: 0, amount_paid_off_stripe: 0, amount_shipping: 0, application: null, attempt_count: 0 },
  ...{ attempted: false, auto_advance: true, collection_method: 'charge_automatically', custom_fields: null },
  ...{ customer_account: null, customer_shipping: null, default_payment_method: null, default_source: null },
  ...{ description: null, due_date: null, footer: null, from_invoice: null, hosted_invoice_url: null },
  ...{ invoice_pdf: null, last_finalization_error: null, latest_revision: null, livemode: false },
  ...{ next_payment_attempt: null, number: null, on_behalf_of: null, post_payment_credit_notes_amount: 0 },
  ...{ pre_payment_credit_notes_amount: 0, receipt_number: null, rendering: null, shipping_cost: null },
  ...{ shipping_details: null, starting_balance: 0, ending_balance: null, statement_descriptor: null },
  ...{ webhooks_delivered_at: null, effective_at: null, automatically_finalizes_at: null, status: 'draft' },
} satisfies Partial<Invoice>;

function customerFields(world: World, customer: Customer) {
  return {
    ...{ customer: customer.id, customer_address: customer.address ?? null, customer_email: customer.email },
    ...{ customer_name: customer.name ?? null, customer_phone: customer.phone ?? null },
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: world.tables.taxIds.of(customer.id).map(({ type, value }) => ({ type, value })),
  };
}

type AutomaticTax = Invoice['automatic_tax'];

function automaticTaxOf(isEnabled: boolean, isKnown: boolean): AutomaticTax {
  const status = isKnown ? 'complete' : 'requires_location_inputs';
  return {
    ...{ disabled_reason: null, enabled: isEnabled, liability: isEnabled ? { type: 'self' } : null },
    ...{ provider: isEnabled ? 'stripe' : null, status: isEnabled ? status : null },
  };
}

/** An invoice that is not stored yet: a preview, or the start of a real one. */
export function buildInvoice(world: World, draft: InvoiceDraft): Invoice {
  const { customer, subscription, reason, period } = draft;
  const [id, { currency, automatic_tax: taxes, metadata }] = [newId('in'), subscription];
  const tax = taxes.enabled ? taxRuleOf(world, customer) : undefined;
  const context = { invoice: id, currency, discounts: draft.discounts, tax, metadata };
  const lines = invoiceLines(world, draft.lines, context);
  const totals = totalsOf(lines);
  const due = Math.max(0, totals.total);
  return {
    ...{
      ...blank,
      ...customerFields(world, customer),
      ...totals,
      id,
      currency,
      amount_due: due,
      amount_remaining: due,
    },
    automatic_tax: automaticTaxOf(taxes.enabled, tax !== undefined),
    ...{
      billing_reason: reason,
      created: world.now(customer.id),
      default_tax_rates: [],
      discounts: [...draft.discounts],
    },
    ...{ issuer: { type: 'self' }, lines: listOf(lines, `/v1/invoices/${id}/lines`), metadata: {} },
    parent: {
      ...{ quote_details: null, type: 'subscription_details' },
      subscription_details: { metadata: { ...metadata }, subscription: subscription.id },
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    ...{ period_end: period.end, period_start: period.start, test_clock: customer.test_clock ?? null },
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
  };
}

export function addInvoice(world: World, draft: InvoiceDraft): Invoice {
  const invoice = world.tables.invoices.add(buildInvoice(world, draft));
  world.internal.draftLines.add({ id: invoice.id, lines: draft.lines });
  if (draft.customer.currency === null) draft.customer.currency = invoice.currency;
  world.emit('invoice.created', invoice);
  return invoice;
}

export function customerOf(world: World, { customer }: { customer: string | null }): Customer {
  return world.tables.customers.find(customer ?? '');
}

export function subscriptionOf(world: World, { parent }: Invoice): Subscription | undefined {
  return world.tables.subscriptions.get(parent?.subscription_details?.subscription ?? '');
}

/** Makes a draft final: it gets its number, uses the customer's balance, and can be paid. @returns whether it could */
export function finalize(world: World, invoice: Invoice): boolean {
  if (invoice.status !== 'draft') throw invalid('This invoice is already finalized.', { code: 'invoice_not_editable' });
  const customer = customerOf(world, invoice);
  refreshTax(world, customer, invoice);
  if (invoice.automatic_tax.enabled && invoice.automatic_tax.status !== 'complete')
    return failToFinalize(world, invoice);
  const [now, url] = [world.now(customer.id), `${world.origin}/invoice/${invoice.id}`];
  world.clockOf(customer.id).agenda.clear('invoice.advance', invoice.id);
  assignGiven(invoice, { status: 'open', number: nextNumber(customer), effective_at: now });
  assignGiven(invoice, { hosted_invoice_url: url, automatically_finalizes_at: null });
  invoice.status_transitions.finalized_at = now;
  world.internal.draftLines.delete(invoice.id);
  applyBalance(world, customer, invoice);
  world.emit('invoice.finalized', invoice);
  if (invoice.amount_due === 0) return markPaid(world, invoice, 0);
  const { amount_due: amount, currency, subscription } = { ...invoice, subscription: subscriptionOf(world, invoice) };
  const description = subscription === undefined ? 'Invoice' : 'Subscription update';
  const intent = addIntent(world, { amount, currency, customer: customer.id, description });
  addInvoicePayment(world, invoice, intent);
  return true;
}

/** The address may have become known after the draft was made. */
function refreshTax(world: World, customer: Customer, invoice: Invoice): void {
  const subscription = subscriptionOf(world, invoice);
  if (!invoice.automatic_tax.enabled || invoice.automatic_tax.status === 'complete' || subscription === undefined)
    return;
  if (taxRuleOf(world, customer) === undefined) return;
  const drafts = world.internal.draftLines.get(invoice.id)?.lines ?? [];
  const reason = invoice.billing_reason ?? 'manual';
  const period = { start: invoice.period_start, end: invoice.period_end };
  const again = buildInvoice(world, {
    customer,
    subscription,
    reason,
    lines: drafts,
    discounts: invoice.discounts,
    period,
  });
  const { automatic_tax, lines, amount_due, amount_remaining, customer_address } = again;
  assignGiven(invoice, {
    ...totalsOf(lines.data),
    automatic_tax,
    lines,
    amount_due,
    amount_remaining,
    customer_address,
  });
}

function failToFinalize(world: World, invoice: Invoice): false {
  invoice.last_finalization_error = {
    ...{ type: 'invalid_request_error', code: 'customer_tax_location_invalid' },
    message: "The customer's location isn't recognized. Set a valid customer address in order to calculate tax.",
  };
  world.emit('invoice.finalization_failed', invoice);
  return false;
}

function nextNumber(customer: Customer): string {
  const sequence = customer.next_invoice_sequence ?? 1;
  customer.next_invoice_sequence = sequence + 1;
  return `${customer.invoice_prefix ?? 'SANDBOX'}-${String(sequence).padStart(4, '0')}`;
}

function applyBalance(world: World, customer: Customer, invoice: Invoice): void {
  const start = customer.balance;
  const due = Math.max(0, invoice.total + start);
  const applied = invoice.total < 0 ? invoice.total : due - invoice.total;
  invoice.starting_balance = start;
  const cause = { invoice: invoice.id, currency: invoice.currency };
  // A credit that is used goes up towards 0. What the customer owes is on this invoice now.
  const change = invoice.total < 0 ? applied : -applied;
  adjustBalance(world, customer, change, invoice.total < 0 ? 'credit_balance' : 'applied_to_invoice', cause);
  invoice.ending_balance = customer.balance;
  invoice.amount_due = invoice.total < 0 ? 0 : due;
  invoice.amount_remaining = invoice.amount_due;
}

export function markPaid(world: World, invoice: Invoice, paid: number, offStripe = false): true {
  const now = world.now(invoice.customer);
  world.clockOf(invoice.customer).agenda.clear('invoice.advance', invoice.id);
  assignGiven(invoice, { status: 'paid', amount_paid: paid, amount_remaining: 0, attempted: true });
  assignGiven(invoice, { next_payment_attempt: null, auto_advance: false });
  if (offStripe) invoice.amount_paid_off_stripe = paid;
  invoice.status_transitions.paid_at = now;
  world.emit('invoice.paid', invoice);
  world.emit('invoice.payment_succeeded', invoice);
  world.hooks.invoicePaid(world, invoice);
  return true;
}

export function voidInvoice(world: World, invoice: Invoice): Invoice {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw invalid('You can only pass in open or uncollectible invoices.', { code: 'invoice_not_editable' });
  }
  stopCollecting(world, invoice);
  invoice.status = 'void';
  invoice.status_transitions.voided_at = world.now(invoice.customer);
  const intent = intentOf(world, invoice);
  if (intent !== undefined) cancelIntent(world, intent);
  world.emit('invoice.voided', invoice);
  world.hooks.invoiceVoided(world, invoice);
  return invoice;
}

export function markUncollectible(world: World, invoice: Invoice): Invoice {
  if (invoice.status !== 'open') throw invalid('Only open invoices can be marked as uncollectible.');
  stopCollecting(world, invoice);
  invoice.status = 'uncollectible';
  invoice.status_transitions.marked_uncollectible_at = world.now(invoice.customer);
  world.emit('invoice.marked_uncollectible', invoice);
  return invoice;
}

/** Nothing more happens to this invoice by itself. */
export function stopCollecting(world: World, invoice: Invoice): void {
  world.clockOf(invoice.customer).agenda.clear('invoice.advance', invoice.id);
  assignGiven(invoice, { auto_advance: false, next_payment_attempt: null, automatically_finalizes_at: null });
}
