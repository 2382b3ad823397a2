import { newId } from '../core/ids';
import type { World } from '../core/world';
import { currency, metadata, text, whole } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { BalanceTransaction, Customer } from '../wire';

export interface BalanceCause {
  readonly invoice?: string;
  readonly creditNote?: string;
  readonly description?: string;
  readonly currency?: string;
}

/** Adds to what the customer owes. A negative amount is credit that the next invoices use up. */
export function adjustBalance(
  world: World,
  customer: Customer,
  amount: number,
  type: BalanceTransaction['type'],
  cause: BalanceCause = {},
): BalanceTransaction | undefined {
  if (amount === 0) return undefined;
  world.change(customer, 'customer.updated', () => (customer.balance += amount));
  const transaction: BalanceTransaction = {
    ...{ id: newId('cbtxn'), object: 'customer_balance_transaction', amount, checkout_session: null },
    ...{ created: world.now(customer.id), credit_note: cause.creditNote ?? null, customer: customer.id },
    ...{ currency: cause.currency ?? customer.currency ?? 'usd', customer_account: null },
    ...{ description: cause.description ?? null, ending_balance: customer.balance, invoice: cause.invoice ?? null },
    ...{ livemode: false, metadata: {}, type },
  };
  world.tables.balanceTransactions.add(transaction);
  return transaction;
}

const path = '/v1/customers/:id/balance_transactions';

export const balanceRoutes: readonly Route[] = [
  route('POST', path, { amount: whole, currency, description: text.optional(), metadata }, ({ world, params, id }) => {
    const customer = world.tables.customers.find(id);
    const cause = { currency: params.currency, ...(params.description && { description: params.description }) };
    return adjustBalance(world, customer, params.amount, 'adjustment', cause) ?? {};
  }),
  listRoute(path, {}, ({ world, id }) => {
    world.tables.customers.find(id);
    return world.tables.balanceTransactions.of(id);
  }),
];
