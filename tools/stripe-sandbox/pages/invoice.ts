import { finishAuthentication, payInvoice } from '../billing/collection';
import { messageOf } from '../billing/complete-checkout';
import { intentOf, invoiceOfIntent } from '../billing/invoice-payments';
import { moneyText } from '../billing/money';
import type { World } from '../core/world';
import type { Answer } from '../http/answer';
import { attach, isTestNumber, newPaymentMethod } from '../resources/payment-methods';
import type { Invoice } from '../wire';
import { cardField } from './cards';
import { failure, html, page, redirect } from './html';

function show(invoice: Invoice, error: string | null): Answer {
  const money = (amount: number) => moneyText(amount, invoice.currency);
  const rows = invoice.lines.data.map(
    ({ description, amount }) =>
      html`<tr>
        <td>${description ?? 'Item'}</td>
        <td>${money(amount)}</td>
      </tr>`,
  );
  const isOpen = invoice.status === 'open';
  const form =
    isOpen && html`<form method="post">${cardField()}<button>Pay ${money(invoice.amount_remaining)}</button></form>`;
  const body = html`${failure(error)}
    <p class="soft">Status: ${invoice.status ?? 'draft'}</p>
    <table>
      ${rows}
      <tr>
        <td>Total</td>
        <td>${money(invoice.total)}</td>
      </tr>
    </table>
    ${form}`;
  return page(`Invoice ${invoice.number ?? ''}`, body, error === null ? 200 : 402);
}

function pay(world: World, invoice: Invoice, form: URLSearchParams): Answer {
  const number = (form.get('card') ?? '').replaceAll(/\s/g, '');
  if (!isTestNumber(number)) return show(invoice, "The sandbox knows Stripe's test numbers only.");
  try {
    const method = newPaymentMethod(world, number.startsWith('AT') ? 'sepa_debit' : 'card', number);
    attach(world, method.id, invoice.customer ?? '');
    payInvoice(world, invoice, { method: method.id, offSession: false });
  } catch (error) {
    const intent = intentOf(world, invoice);
    if (intent?.status === 'requires_action') return redirect(`${world.origin}/3ds/${intent.id}`);
    return show(invoice, messageOf(error));
  }
  return redirect(`${world.origin}/invoice/${invoice.id}`);
}

/** The page at `hosted_invoice_url`. */
export function invoicePage(world: World, method: string, id: string, form: URLSearchParams): Answer {
  const invoice = world.tables.invoices.find(id);
  return method === 'POST' ? pay(world, invoice, form) : show(invoice, null);
}

/** The page of the bank: 3-D Secure. */
export function bankPage(world: World, method: string, id: string, form: URLSearchParams): Answer {
  const intent = world.tables.paymentIntents.find(id);
  if (method === 'POST') {
    finishAuthentication(world, intent, form.get('agrees') === 'yes');
    const invoice = invoiceOfIntent(world, intent);
    return redirect(invoice === undefined ? `${world.origin}/3ds/${id}` : `${world.origin}/invoice/${invoice.id}`);
  }
  if (intent.status !== 'requires_action') return page('Your bank', html`<p>There is nothing to confirm.</p>`);
  const body = html`<p>
      Your bank asks you to confirm a payment of ${moneyText(intent.amount, intent.currency)} (3-D Secure).
    </p>
    <form method="post">
      <button name="agrees" value="yes">Confirm</button> <button class="quiet" name="agrees" value="no">Refuse</button>
    </form>`;
  return page('Your bank', body);
}
