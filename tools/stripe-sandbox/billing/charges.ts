import { newId } from '../core/ids';
import type { World } from '../core/world';
import type { Charge, PaymentIntent, PaymentMethod } from '../wire';
import type { TestCard } from '../resources/test-cards';

const blank = {
  object: 'charge',
  ...{ amount_refunded: 0, application: null, application_fee: null, application_fee_amount: null },
  ...{ balance_transaction: null, calculated_statement_descriptor: 'GROUNDWORK SANDBOX', disputed: false },
  ...{ failure_balance_transaction: null, fraud_details: {}, livemode: false, on_behalf_of: null },
  ...{ receipt_email: null, receipt_number: null, receipt_url: null, refunded: false, review: null, shipping: null },
  ...{ source: null, source_transfer: null, statement_descriptor: null, statement_descriptor_suffix: null },
  ...{ transfer_data: null, transfer_group: null },
} satisfies Partial<Charge>;

function detailsOf({ card, sepa_debit: sepa }: PaymentMethod, amount: number): Charge['payment_method_details'] {
  if (sepa !== undefined) {
    const { bank_code, branch_code, country, fingerprint, last4 } = sepa;
    return { type: 'sepa_debit', sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: null } };
  }
  if (card === undefined) return null;
  const { brand, checks, country, exp_month, exp_year, fingerprint, funding, last4 } = card;
  return {
    type: 'card',
    card: {
      ...{ amount_authorized: amount, authorization_code: null, brand, checks, country, exp_month, exp_year },
      ...{ fingerprint: fingerprint ?? null, funding, installments: null, last4, mandate: null, network: brand },
      ...{ network_token: { used: false }, network_transaction_id: null, regulated_status: 'unregulated' },
      ...{ electronic_commerce_indicator: null, three_d_secure: null, transaction_link_id: null, wallet: null },
    },
  };
}

export type ChargeStatus = 'succeeded' | 'pending' | 'failed';

function outcomeOf(status: ChargeStatus, card: TestCard): Charge['outcome'] {
  const hasFailed = status === 'failed';
  return {
    ...{ advice_code: null, network_advice_code: null, network_decline_code: null },
    ...{ network_status: hasFailed ? 'declined_by_network' : 'approved_by_network' },
    ...{ reason: hasFailed ? (card.declineCode ?? null) : null, risk_level: 'normal', risk_score: 20 },
    ...{ seller_message: hasFailed ? 'The bank declined the payment.' : 'Payment complete.' },
    type: hasFailed ? 'issuer_declined' : 'authorized',
  };
}

export function addCharge(
  world: World,
  intent: PaymentIntent,
  method: PaymentMethod,
  status: ChargeStatus,
  card: TestCard,
): Charge {
  const hasFailed = status === 'failed';
  const charge: Charge = {
    ...{ ...blank, id: newId('ch'), amount: intent.amount, amount_captured: hasFailed ? 0 : intent.amount },
    ...{ billing_details: structuredClone(method.billing_details), captured: !hasFailed },
    ...{ created: world.now(intent.customer), currency: intent.currency, customer: intent.customer },
    ...{ description: intent.description, failure_code: hasFailed ? (card.code ?? null) : null },
    ...{ failure_message: hasFailed ? (card.message ?? null) : null, metadata: { ...intent.metadata } },
    ...{ outcome: outcomeOf(status, card), paid: status === 'succeeded', payment_intent: intent.id },
    ...{ payment_method: method.id, payment_method_details: detailsOf(method, intent.amount), status },
  };
  world.tables.charges.add(charge);
  if (status === 'failed') world.emit('charge.failed', charge);
  else if (status === 'pending') world.emit('charge.pending', charge);
  else world.emit('charge.succeeded', charge);
  return charge;
}
