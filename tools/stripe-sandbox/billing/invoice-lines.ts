import { newId } from '../core/ids';
import type { DraftLine } from '../core/tables';
import type { World } from '../core/world';
import type { Invoice, InvoiceLine, Price } from '../wire';
import { discountShares } from './discounts';
import { allocate, rounded } from './money';
import type { TaxRule } from './tax';

export interface LineContext {
  readonly invoice: string;
  readonly currency: string;
  readonly discounts: readonly string[];
  readonly tax: TaxRule | undefined;
  readonly metadata: Record<string, string>;
}

export function amountOf(price: Price, quantity: number): number {
  return rounded(Number(price.unit_amount_decimal ?? 0) * quantity);
}

function parentOf(line: DraftLine): InvoiceLine['parent'] {
  const [first] = line.credited === null ? [] : [line.credited];
  const credited = first === undefined ? null : { invoice: first.invoice, invoice_line_items: first.lines };
  return {
    ...{ invoice_item_details: null, type: 'subscription_item_details' },
    subscription_item_details: {
      ...{ invoice_item: line.invoiceItem, proration: line.proration },
      ...{ proration_details: { credited_items: credited }, subscription: line.subscription },
      subscription_item: line.item,
    },
  };
}

function lineOf(draft: DraftLine, { invoice, currency, metadata }: LineContext): InvoiceLine {
  const { id: price, product, unit_amount_decimal } = draft.price;
  return {
    ...{ id: newId('il'), object: 'line_item', amount: draft.amount, currency, description: draft.description },
    ...{ discount_amounts: [], discountable: !draft.proration, discounts: [], invoice, livemode: false },
    ...{ metadata: { ...metadata }, parent: parentOf(draft), period: { ...draft.period }, pretax_credit_amounts: [] },
    pricing: { price_details: { price, product }, type: 'price_details', unit_amount_decimal },
    ...{ quantity: draft.quantity, quantity_decimal: String(draft.quantity), subscription: draft.subscription },
    ...{ subtotal: draft.amount, taxes: [] },
  };
}

/** The lines of an invoice with their discounts and taxes. */
export function invoiceLines(world: World, drafts: readonly DraftLine[], context: LineContext): InvoiceLine[] {
  const lines = drafts.map((draft) => lineOf(draft, context));
  const bases = drafts.map(({ amount, price, proration }) => ({
    amount: proration ? 0 : amount,
    product: price.product,
  }));
  for (const { discount, amounts } of discountShares(world, context.discounts, bases)) {
    for (const [index, line] of lines.entries()) {
      const amount = amounts[index] ?? 0;
      if (amount === 0) continue;
      line.discount_amounts = [...(line.discount_amounts ?? []), { amount, discount }];
      line.pretax_credit_amounts = [...(line.pretax_credit_amounts ?? []), { amount, discount, type: 'discount' }];
      line.discounts = [...line.discounts, discount];
    }
  }
  const { tax } = context;
  if (tax !== undefined) {
    for (const behavior of ['exclusive', 'inclusive'] as const) {
      const same = lines.filter((_, index) => behaviorOf(drafts[index]) === behavior);
      addTaxes(same, tax, behavior);
    }
  }
  return lines;
}

function behaviorOf(draft: DraftLine | undefined): 'exclusive' | 'inclusive' {
  return draft?.price.tax_behavior === 'inclusive' ? 'inclusive' : 'exclusive';
}

export function netOf({ amount, discount_amounts: discounts }: InvoiceLine): number {
  return amount - (discounts ?? []).reduce((sum, discount) => sum + discount.amount, 0);
}

/** Rounded once for the invoice and its rate, then divided over the lines. */
function addTaxes(
  lines: readonly InvoiceLine[],
  { percentage, rate, reason }: TaxRule,
  behavior: 'exclusive' | 'inclusive',
) {
  const nets = lines.map(netOf);
  const base = nets.reduce((sum, net) => sum + net, 0);
  const divisor = behavior === 'inclusive' ? 100 + percentage : 100;
  const taxes = allocate(rounded((base * percentage) / divisor), nets);
  for (const [index, line] of lines.entries()) {
    const [net = 0, amount = 0] = [nets[index], taxes[index]];
    const taxable = behavior === 'inclusive' ? net - amount : net;
    line.taxes = [
      {
        ...{ amount, tax_behavior: behavior, tax_rate_details: { tax_rate: rate } },
        ...{ taxability_reason: reason, taxable_amount: taxable, type: 'tax_rate_details' },
      },
    ];
  }
}

type Totals = Pick<
  Invoice,
  | 'subtotal'
  | 'subtotal_excluding_tax'
  | 'total'
  | 'total_discount_amounts'
  | 'total_excluding_tax'
  | 'total_pretax_credit_amounts'
  | 'total_taxes'
>;

const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);

export function totalsOf(lines: readonly InvoiceLine[]): Totals {
  const subtotal = sum(lines.map(({ amount }) => amount));
  const discounts = totalDiscounts(lines);
  const taxes = totalTaxes(lines);
  const added = sum(taxes.filter(({ tax_behavior }) => tax_behavior === 'exclusive').map(({ amount }) => amount));
  const included = sum(taxes.map(({ amount }) => amount)) - added;
  const net = subtotal - sum(discounts.map(({ amount }) => amount));
  return {
    ...{ subtotal, subtotal_excluding_tax: subtotal - included, total: net + added, total_taxes: taxes },
    ...{ total_discount_amounts: discounts, total_excluding_tax: net - included },
    total_pretax_credit_amounts: discounts.map((discount) => ({ ...discount, type: 'discount' })),
  };
}

function totalDiscounts(lines: readonly InvoiceLine[]): NonNullable<Invoice['total_discount_amounts']> {
  const totals = new Map<string, number>();
  for (const { discount, amount } of lines.flatMap(({ discount_amounts: own }) => own ?? [])) {
    totals.set(discount, (totals.get(discount) ?? 0) + amount);
  }
  return [...totals].map(([discount, amount]) => ({ amount, discount }));
}

function totalTaxes(lines: readonly InvoiceLine[]): NonNullable<Invoice['total_taxes']> {
  const all = lines.flatMap(({ taxes }) => taxes ?? []);
  return (['exclusive', 'inclusive'] as const).flatMap((behavior) => {
    const same = all.filter(({ tax_behavior }) => tax_behavior === behavior);
    const [first] = same;
    if (first === undefined) return [];
    const taxable_amount = sum(same.map(({ taxable_amount: taxable }) => taxable ?? 0));
    return [{ ...first, amount: sum(same.map(({ amount }) => amount)), taxable_amount }];
  });
}
