import type { World } from '../core/world';
import type { Customer } from '../wire';

export interface TaxRule {
  readonly rate: string;
  readonly percentage: number;
  readonly reason: 'standard_rated' | 'reverse_charge' | 'customer_exempt' | 'not_collecting';
}

/** One rate for each country: enough to test sums, not the law. */
const percentages: Readonly<Record<string, number>> = {
  ...{ AT: 20, BE: 21, CH: 8.1, DE: 19, DK: 25, ES: 21, FI: 25.5, FR: 20, GB: 20, IE: 23, IT: 22, JP: 10 },
  ...{ LU: 17, NL: 21, NO: 25, PL: 23, PT: 23, SE: 25, US: 8.5 },
};

const exempt = (reason: TaxRule['reason']): TaxRule => ({ rate: 'txr_sandbox_zero', percentage: 0, reason });

/** @returns undefined if the customer's country is not known */
export function taxRuleOf(world: World, customer: Customer): TaxRule | undefined {
  if (customer.tax_exempt === 'exempt') return exempt('customer_exempt');
  if (customer.tax_exempt === 'reverse') return exempt('reverse_charge');
  const country = customer.address?.country;
  if (country === undefined || country === null) return undefined;
  if (world.tables.taxIds.of(customer.id).some(({ type }) => type === 'eu_vat')) return exempt('reverse_charge');
  const percentage = percentages[country];
  if (percentage === undefined) return exempt('not_collecting');
  return { rate: `txr_sandbox_${country.toLowerCase()}`, percentage, reason: 'standard_rated' };
}
