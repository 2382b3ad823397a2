import { html, type Html } from './html';

const cards: readonly (readonly [string, string])[] = [
  ['4242 4242 4242 4242', 'Succeeds'],
  ['4000 0000 0000 0002', 'Declined'],
  ['4000 0000 0000 9995', 'Insufficient funds'],
  ['4000 0000 0000 0341', 'Attaches, then each payment fails'],
  ['4000 0025 0000 3155', 'Authenticates once'],
  ['4000 0027 6000 3184', 'Authenticates each time'],
  ['AT321904300235473204', 'SEPA debit, succeeds days later'],
  ['AT051904300235473205', 'SEPA debit, fails days later'],
];

/** The field for a test number, with the numbers to choose from. */
export function cardField(): Html {
  const options = cards.map(([number, meaning]) => html`<option value="${number}">${meaning}</option>`);
  return html`<label for="card">Test card number or IBAN</label>
    <input id="card" name="card" list="cards" value="4242 4242 4242 4242" autocomplete="off" required />
    <datalist id="cards">${options}</datalist>`;
}
