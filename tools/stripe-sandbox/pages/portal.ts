import { endsAt, isLive, planAhead } from '../billing/agenda-of';
import { messageOf } from '../billing/complete-checkout';
import { dayText } from '../billing/items';
import { moneyText } from '../billing/money';
import { invalid } from '../core/errors';
import type { World } from '../core/world';
import type { Answer } from '../http/answer';
import { attach, isTestNumber, methodsOf, newPaymentMethod } from '../resources/payment-methods';
import { setChanges } from '../resources/subscription-fields';
import type { PortalSession, Subscription } from '../wire';
import { cardField } from './cards';
import { failure, html, page, redirect, type Html } from './html';

function subscriptionRow(world: World, subscription: Subscription, mayCancel: boolean): Html {
  const [item] = subscription.items.data;
  const name = world.tables.products.get(item?.price.product ?? '')?.name ?? 'Subscription';
  const end = endsAt(subscription);
  const state = end === null ? subscription.status : `ends on ${dayText(end)}`;
  const [action, label] = end === null ? ['cancel', 'Cancel at the end of the period'] : ['resume', 'Don’t cancel'];
  const form =
    mayCancel &&
    html`<form method="post">
      <input type="hidden" name="subscription" value="${subscription.id}" />
      <button class="quiet" name="action" value="${action}">${label}</button>
    </form>`;
  return html`<p>${name} <span class="soft">${state}</span></p>
    ${form}`;
}

function show(world: World, session: PortalSession, error: string | null): Answer {
  const { features } = world.tables.portalConfigurations.find(session.configuration);
  const live = world.tables.subscriptions.of(session.customer).filter(isLive);
  const mayCancel = features.subscription_cancel.enabled;
  const cards = methodsOf(world, session.customer).map(
    ({ card, sepa_debit: debit }) =>
      html`<p class="soft">${card?.brand ?? 'SEPA debit'} •••• ${(card ?? debit)?.last4 ?? ''}</p>`,
  );
  const update =
    features.payment_method_update.enabled &&
    html`<h2>Payment method</h2>
      ${cards}
      <form method="post">${cardField()}<button name="action" value="card">Save</button></form>`;
  const invoices = world.tables.invoices.of(session.customer).filter(({ status }) => status !== 'draft');
  const rows = invoices.map(
    ({ id, number, status, total, currency }) =>
      html`<tr>
        <td><a href="/invoice/${id}">${number ?? id}</a> ${status ?? ''}</td>
        <td>${moneyText(total, currency)}</td>
      </tr>`,
  );
  const history =
    features.invoice_history.enabled &&
    html`<h2>Invoices</h2>
      <table>
        ${rows}
      </table>`;
  const back = session.return_url !== null && html`<p><a href="${session.return_url}">Back</a></p>`;
  const plans = live.map((each) => subscriptionRow(world, each, mayCancel));
  const all = session.flow === null ? html`${plans}${update}${history}${back}` : html`${update}${back}`;
  return page('Billing', html`${failure(error)}${all}`, error === null ? 200 : 402);
}

/** As Stripe's portal does in flexible billing mode: it sets `cancel_at`, and leaves `cancel_at_period_end` alone. */
function setEnd(world: World, session: PortalSession, id: string, ends: boolean): void {
  const subscription = world.tables.subscriptions.of(session.customer).find((each) => each.id === id);
  if (subscription === undefined) throw invalid('There is no such subscription.');
  world.change(subscription, 'customer.subscription.updated', () => {
    setChanges(world, subscription, { cancel_at: ends ? 'min_period_end' : null });
    planAhead(world, subscription);
  });
}

function saveCard(world: World, session: PortalSession, typed: string): void {
  const number = typed.replaceAll(/\s/g, '');
  if (!isTestNumber(number)) throw invalid("The sandbox knows Stripe's test numbers only.");
  const method = newPaymentMethod(world, number.startsWith('AT') ? 'sepa_debit' : 'card', number);
  attach(world, method.id, session.customer);
  const customer = world.tables.customers.find(session.customer);
  world.change(customer, 'customer.updated', () => {
    customer.invoice_settings = { ...customer.invoice_settings, default_payment_method: method.id };
  });
}

function act(world: World, session: PortalSession, form: URLSearchParams): Answer {
  const { features } = world.tables.portalConfigurations.find(session.configuration);
  const action = form.get('action');
  try {
    if (action === 'card' && features.payment_method_update.enabled) saveCard(world, session, form.get('card') ?? '');
    else if ((action === 'cancel' || action === 'resume') && features.subscription_cancel.enabled) {
      setEnd(world, session, form.get('subscription') ?? '', action === 'cancel');
    } else throw invalid('This portal does not offer that.');
  } catch (error) {
    return show(world, session, messageOf(error));
  }
  return redirect(session.url);
}

/** The billing portal. */
export function portalPage(world: World, method: string, key: string, form: URLSearchParams): Answer {
  const url = `${world.origin}/portal/${key}`;
  const session = world.tables.portalSessions.newestFirst().find((each) => each.url === url);
  if (session === undefined)
    return page('This page has expired', html`<p>Open it again from the application.</p>`, 404);
  return method === 'POST' ? act(world, session, form) : show(world, session, null);
}
