import { completeCheckout, messageOf } from '../billing/complete-checkout';
import { moneyText } from '../billing/money';
import type { World } from '../core/world';
import type { Answer } from '../http/answer';
import type { CheckoutSession } from '../wire';
import { cardField } from './cards';
import { failure, html, page, redirect } from './html';

const countries = ['AT', 'CH', 'DE', 'FR', 'GB', 'US'];

function show(world: World, session: CheckoutSession, error: string | null): Answer {
  const { lines, data } = world.internal.checkoutLines.find(session.id);
  const currency = session.currency ?? 'usd';
  const rows = lines.map(
    ({ description, quantity, amount_total: amount }) =>
      html`<tr>
        <td>${description ?? 'Item'} × ${quantity ?? 1}</td>
        <td>${moneyText(amount, currency)}</td>
      </tr>`,
  );
  const trial = (data.trialDays ?? 0) > 0 && html`<p class="soft">${data.trialDays ?? 0} days free, then:</p>`;
  const options = countries.map((each) => html`<option>${each}</option>`);
  const country =
    data.updatesAddress &&
    html`<label for="country">Country</label
      ><select id="country" name="country">
        ${options}
      </select>`;
  const promotion =
    session.allow_promotion_codes === true &&
    html`<label for="code">Promotion code</label><input id="code" name="promotionCode" autocomplete="off" />`;
  const back = session.cancel_url !== null && html`<p><a href="${session.cancel_url}">Back</a></p>`;
  const body = html`${failure(error)}${trial}
    <table>
      ${rows}
    </table>
    <form method="post">${cardField()}${country}${promotion}<button>Subscribe</button></form>
    ${back}`;
  return page('Subscribe', body, error === null ? 200 : 402);
}

function submit(world: World, session: CheckoutSession, form: URLSearchParams): Answer {
  const valueOf = (name: string) => form.get(name)?.trim() || undefined;
  try {
    completeCheckout(world, session, {
      ...{ card: valueOf('card'), country: valueOf('country'), promotionCode: valueOf('promotionCode') },
    });
  } catch (error) {
    return show(world, session, messageOf(error));
  }
  return redirect((session.success_url ?? '/').replace('{CHECKOUT_SESSION_ID}', session.id));
}

export function checkoutPage(world: World, method: string, id: string, form: URLSearchParams): Answer {
  const session = world.tables.checkoutSessions.find(id);
  if (session.status !== 'open') return page('This page has expired', html`<p>Go back and start again.</p>`, 410);
  return method === 'POST' ? submit(world, session, form) : show(world, session, null);
}
