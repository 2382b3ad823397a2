import type * as wire from '../wire';
import type Stripe from 'stripe';
import type { Wire } from '../wire';
import { Table } from './table';

const byCustomer = ({ customer }: { customer: string | null }) => customer;

/** The objects that the API shows, by the name that expanding uses. */
export function tables() {
  return {
    charges: new Table<wire.Charge>('charge', byCustomer),
    checkoutSessions: new Table<wire.CheckoutSession>('checkout.session', byCustomer),
    coupons: new Table<wire.Coupon>('coupon'),
    customers: new Table<wire.Customer>('customer'),
    balanceTransactions: new Table<wire.BalanceTransaction>('customer balance transaction', byCustomer),
    discounts: new Table<wire.Discount>('discount', byCustomer),
    invoicePayments: new Table<wire.InvoicePayment>('invoice payment', ({ invoice }) => invoice),
    invoices: new Table<wire.Invoice>('invoice', byCustomer),
    paymentIntents: new Table<wire.PaymentIntent>('payment_intent', byCustomer),
    paymentMethods: new Table<wire.PaymentMethod>('PaymentMethod'),
    portalConfigurations: new Table<wire.PortalConfiguration>('configuration'),
    portalSessions: new Table<wire.PortalSession>('session', byCustomer),
    prices: new Table<wire.Price>('price'),
    products: new Table<wire.Product>('product'),
    promotionCodes: new Table<wire.PromotionCode>('promotion code'),
    refunds: new Table<wire.Refund>('refund', byCustomer),
    schedules: new Table<wire.SubscriptionSchedule>('subscription schedule', byCustomer),
    setupIntents: new Table<wire.SetupIntent>('setupintent', byCustomer),
    subscriptions: new Table<wire.Subscription>('subscription', byCustomer),
    taxIds: new Table<wire.TaxId>('tax id', byCustomer),
    testClocks: new Table<wire.TestClock>('test clock'),
    webhookEndpoints: new Table<wire.WebhookEndpoint>('webhook endpoint'),
  };
}

export type Tables = ReturnType<typeof tables>;

/** How a payment method behaves, as its number says. */
export interface Instrument {
  readonly id: string;
  readonly number: string;
  /** The bank has agreed to payments while the customer is away. */
  isAuthenticated: boolean;
  /** The customer is at hand, and agrees at the bank's page. */
  isPresent: boolean;
}

/** What was really charged for an item and a span of time: credits are computed from it. */
export interface Debit {
  readonly amount: number;
  readonly from: number;
  readonly to: number;
  readonly line: { readonly invoice: string; readonly line: string } | null;
}

export interface Ledger {
  /** The subscription item's id. */
  readonly id: string;
  debits: Debit[];
}

/** A line that waits for the next invoice. */
export interface PendingLine {
  readonly id: string;
  readonly customer: string;
  readonly subscription: string;
  readonly line: DraftLine;
}

export interface DraftLine {
  readonly amount: number;
  readonly description: string;
  readonly price: wire.Price;
  readonly quantity: number;
  readonly period: { readonly start: number; readonly end: number };
  readonly proration: boolean;
  readonly credited: { readonly invoice: string; readonly lines: string[] } | null;
  readonly subscription: string;
  readonly item: string;
  readonly invoiceItem: string | null;
}

/** What an invoice was made of, until it is final. */
export interface DraftLines {
  /** The invoice's id. */
  readonly id: string;
  readonly lines: readonly DraftLine[];
}

/** When collecting an invoice failed first: retries are counted from there. */
export interface FirstFailure {
  /** The invoice's id. */
  readonly id: string;
  readonly at: number;
}

/** A change that takes effect when its invoice is paid. */
export interface PendingChange {
  /** The subscription's id. */
  readonly id: string;
  readonly invoice: string;
  readonly items: wire.SubscriptionItem[];
  readonly ledgers: Ledger[];
  readonly anchor: number;
  readonly trialEnd: number | null;
}

/** What a checkout session sells, and the answers that its page needs. */
export interface CheckoutLines {
  /** The session's id. */
  readonly id: string;
  lines: Wire<Stripe.LineItem>[];
  readonly data: CheckoutData;
}

/** What the subscription of a session will be. */
export interface CheckoutData {
  readonly items: readonly { readonly price: string; readonly quantity: number }[];
  readonly metadata: wire.Metadata;
  readonly description: string | null;
  readonly trialEnd: number | undefined;
  readonly trialDays: number | undefined;
  readonly missingPaymentMethod: 'cancel' | 'create_invoice' | 'pause';
  readonly updatesAddress: boolean;
  readonly discounts: readonly { readonly coupon?: string | undefined; readonly promotion_code?: string | undefined }[];
}

/** A secret of a webhook endpoint. After a roll, the old one lives on for a day. */
export interface EndpointSecrets {
  readonly id: string;
  secrets: { readonly secret: string; readonly until: number | null }[];
}

/** Removed objects that Stripe still knows by their ids. */
export interface Tombstone {
  readonly id: string;
  readonly object: string;
}

export function internalTables() {
  return {
    checkoutLines: new Table<CheckoutLines>('checkout lines'),
    instruments: new Table<Instrument>('instrument'),
    draftLines: new Table<DraftLines>('draft lines'),
    firstFailures: new Table<FirstFailure>('first failure'),
    ledgers: new Table<Ledger>('ledger'),
    pendingLines: new Table<PendingLine>('pending line', ({ subscription }) => subscription),
    pendingChanges: new Table<PendingChange>('pending change'),
    endpointSecrets: new Table<EndpointSecrets>('endpoint secret'),
    trialWarnings: new Table<{ id: string }>('trial warning'),
    /** Invoices of changes that take effect only when they are paid. */
    unapplied: new Table<{ id: string }>('unapplied change'),
    tombstones: new Table<Tombstone>('tombstone'),
  };
}
