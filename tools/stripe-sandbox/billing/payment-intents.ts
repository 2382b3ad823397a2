import { newId, randomText } from '../core/ids';
import { assignGiven } from '../core/json';
import type { World } from '../core/world';
import type { PaymentIntent, PaymentMethod } from '../wire';
import { testCard, type TestCard } from '../resources/test-cards';
import { addCharge } from './charges';

const daySeconds = 86_400;

export interface IntentDraft {
  readonly amount: number;
  readonly currency: string;
  readonly customer: string;
  readonly description: string;
}

const blank = {
  object: 'payment_intent',
  ...{ allowed_payment_method_types: null, amount_capturable: 0, amount_received: 0, application: null },
  ...{ application_fee_amount: null, automatic_payment_methods: null, canceled_at: null, cancellation_reason: null },
  ...{ capture_method: 'automatic', confirmation_method: 'automatic', customer_account: null },
  ...{ excluded_payment_method_types: null, last_payment_error: null, latest_charge: null, livemode: false },
  ...{ managed_payments: null, next_action: null, on_behalf_of: null, payment_method: null },
  ...{ payment_method_configuration_details: null, payment_method_options: null, payment_record: null },
  ...{ processing: null, receipt_email: null, review: null, setup_future_usage: 'off_session', shipping: null },
  ...{ source: null, statement_descriptor: null, statement_descriptor_suffix: null, transfer_group: null },
} satisfies Partial<PaymentIntent>;

export function addIntent(world: World, draft: IntentDraft): PaymentIntent {
  const id = newId('pi');
  const intent: PaymentIntent = {
    ...{ ...blank, ...draft, id, client_secret: `${id}_secret_${randomText(24)}` },
    ...{ created: world.now(draft.customer), metadata: {}, payment_method_types: ['card', 'sepa_debit'] },
    status: 'requires_payment_method',
  };
  world.tables.paymentIntents.add(intent);
  world.emit('payment_intent.created', intent);
  return intent;
}

export type PaymentResult = 'succeeded' | 'requires_action' | 'processing' | 'failed';

/** Charges a payment method, as its test number says. */
export function confirm(
  world: World,
  intent: PaymentIntent,
  method: PaymentMethod,
  offSession: boolean,
): PaymentResult {
  const instrument = world.internal.instruments.find(method.id);
  const card = testCard(instrument.number);
  intent.payment_method = method.id;
  const isAsked =
    !instrument.isPresent &&
    (card.authentication === 'always' || (card.authentication === 'once' && !instrument.isAuthenticated));
  return isAsked ? askToAuthenticate(world, intent, offSession) : charge(world, intent, method, card);
}

function askToAuthenticate(world: World, intent: PaymentIntent, offSession: boolean): 'requires_action' {
  intent.status = 'requires_action';
  const url = `${world.origin}/3ds/${intent.id}`;
  intent.next_action = { type: 'redirect_to_url', redirect_to_url: { return_url: null, url } };
  intent.last_payment_error = offSession
    ? {
        ...{ type: 'card_error', code: 'authentication_required', decline_code: 'authentication_required' },
        message: 'Your card was declined. This transaction requires authentication.',
      }
    : null;
  world.emit('payment_intent.requires_action', intent);
  return 'requires_action';
}

/** What the customer did on the page of the bank. */
export function authenticated(world: World, intent: PaymentIntent, agrees: boolean): PaymentResult {
  const method = world.tables.paymentMethods.find(intent.payment_method ?? '');
  const instrument = world.internal.instruments.find(method.id);
  if (agrees) {
    instrument.isAuthenticated = true;
    return charge(world, intent, method, testCard(instrument.number));
  }
  const message =
    'We are unable to authenticate your payment method. Please choose a different payment method and try again.';
  return failed(world, intent, { outcome: 'decline', code: 'payment_intent_authentication_failure', message });
}

function charge(world: World, intent: PaymentIntent, method: PaymentMethod, card: TestCard): PaymentResult {
  if (card.outcome === 'decline') {
    intent.latest_charge = addCharge(world, intent, method, 'failed', card).id;
    return failed(world, intent, card);
  }
  if (card.outcome === 'settle' || card.outcome === 'fail_later') {
    const { id } = addCharge(world, intent, method, 'pending', card);
    assignGiven(intent, { status: 'processing', next_action: null, latest_charge: id, last_payment_error: null });
    world.emit('payment_intent.processing', intent);
    const { agenda, now } = { agenda: world.clockOf(intent.customer).agenda, now: world.now(intent.customer) };
    agenda.set('payment.settle', intent.id, now + world.settings.settlementDays * daySeconds);
    return 'processing';
  }
  const made = addCharge(world, intent, method, 'succeeded', card);
  intent.latest_charge = made.id;
  succeed(world, intent);
  return 'succeeded';
}

function succeed(world: World, intent: PaymentIntent): void {
  assignGiven(intent, { status: 'succeeded', next_action: null, last_payment_error: null });
  intent.amount_received = intent.amount;
  world.emit('payment_intent.succeeded', intent);
}

function failed(world: World, intent: PaymentIntent, card: TestCard): 'failed' {
  assignGiven(intent, { status: 'requires_payment_method', next_action: null });
  intent.last_payment_error = {
    ...{ type: 'card_error', code: card.code ?? 'card_declined', message: card.message ?? 'Your card was declined.' },
    ...(card.declineCode !== undefined && { decline_code: card.declineCode }),
    ...(intent.latest_charge !== null && { charge: intent.latest_charge }),
  };
  world.emit('payment_intent.payment_failed', intent);
  return 'failed';
}

/** Days later, the bank says what became of a debit. */
export function settle(world: World, intent: PaymentIntent, succeeds?: boolean): PaymentResult {
  if (intent.status !== 'processing') return 'processing';
  world.clockOf(intent.customer).agenda.clear('payment.settle', intent.id);
  const charged = world.tables.charges.find(intent.latest_charge ?? '');
  const card = testCard(world.internal.instruments.find(intent.payment_method ?? '').number);
  const isPaid = succeeds ?? card.outcome === 'settle';
  charged.status = isPaid ? 'succeeded' : 'failed';
  charged.paid = isPaid;
  world.emit(isPaid ? 'charge.succeeded' : 'charge.failed', charged);
  if (!isPaid) return failed(world, intent, card);
  succeed(world, intent);
  return 'succeeded';
}

/** An invoice that is voided or paid elsewhere needs its payment no longer. */
export function cancelIntent(world: World, intent: PaymentIntent): void {
  if (intent.status === 'succeeded' || intent.status === 'canceled') return;
  assignGiven(intent, { status: 'canceled', next_action: null, canceled_at: world.now(intent.customer) });
  intent.cancellation_reason = 'void_invoice';
  world.emit('payment_intent.canceled', intent);
}
