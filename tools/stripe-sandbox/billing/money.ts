/** Rounds half away from zero, as Stripe does: https://docs.stripe.com/billing/subscriptions/prorations */
export function rounded(amount: number): number {
  const value = Math.floor(Math.abs(amount) + 0.5);
  return amount < 0 ? 0 - value : value;
}

/** The part of an amount that a part of its time costs. */
export function shareOf(amount: number, part: number, whole: number): number {
  return whole === 0 ? 0 : rounded((amount * part) / whole);
}

/** Divides a total in proportion. Parts are rounded down, and the last one takes what is left. */
export function allocate(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) return weights.map(() => 0);
  const parts = weights.map((weight) => Math.trunc((total * weight) / sum));
  const last = weights.findLastIndex((weight) => weight !== 0);
  const left = total - parts.reduce((a, b) => a + b, 0);
  return parts.map((part, index) => (index === last ? part + left : part));
}

/** Currencies without decimals: https://docs.stripe.com/currencies#zero-decimal */
const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));

/** For people: `$12.00`. */
export function moneyText(amount: number, currency: string): string {
  const value = zeroDecimal.has(currency) ? amount : amount / 100;
  return new Intl.NumberFormat('en-US', { style: 'currency', currency: currency.toUpperCase() }).format(value);
}
