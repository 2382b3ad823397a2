/** What a payment with a card or bank account leads to. */
export type Outcome = 'succeed' | 'decline' | 'settle' | 'fail_later';

export interface TestCard {
  readonly outcome: Outcome;
  readonly code?: string;
  readonly declineCode?: string;
  readonly message?: string;
  /** When the bank asks the customer to authenticate: until it was done once, or at each payment. */
  readonly authentication?: 'once' | 'always';
  /** The card is refused only when it is charged, not when it is attached. */
  readonly attaches?: true;
}

function declined(declineCode: string, message = 'Your card was declined.', code = 'card_declined'): TestCard {
  return { outcome: 'decline', code, declineCode, message };
}

/** https://docs.stripe.com/testing */
export const testCards: Readonly<Record<string, TestCard>> = {
  '4242424242424242': { outcome: 'succeed' },
  '5555555555554444': { outcome: 'succeed' },
  '378282246310005': { outcome: 'succeed' },
  '4000000000000002': declined('generic_decline'),
  '4000000000009995': declined('insufficient_funds', 'Your card has insufficient funds.'),
  '4000000000009987': declined('lost_card'),
  '4000000000000069': declined('expired_card', 'Your card has expired.', 'expired_card'),
  '4000000000000341': { ...declined('generic_decline'), attaches: true },
  '4000002500003155': { outcome: 'succeed', authentication: 'once' },
  '4000002760003184': { outcome: 'succeed', authentication: 'always' },
  '4000008260003178': {
    ...declined('insufficient_funds', 'Your card has insufficient funds.'),
    ...{ authentication: 'always', attaches: true },
  },
  AT321904300235473204: { outcome: 'settle' },
  AT051904300235473205: {
    ...{ outcome: 'fail_later', code: 'debit_not_authorized', declineCode: 'generic_decline' },
    message: "The customer's bank account could not be debited.",
  },
};

/** Payment methods that Stripe's test mode knows by name. */
export const testMethods: Readonly<Record<string, string>> = {
  pm_card_visa: '4242424242424242',
  pm_card_mastercard: '5555555555554444',
  pm_card_amex: '378282246310005',
  pm_card_chargeDeclined: '4000000000000002',
  pm_card_chargeDeclinedInsufficientFunds: '4000000000009995',
  pm_card_chargeDeclinedLostCard: '4000000000009987',
  pm_card_chargeDeclinedExpiredCard: '4000000000000069',
  pm_card_chargeCustomerFail: '4000000000000341',
  pm_card_authenticationRequiredOnSetup: '4000002500003155',
  pm_card_authenticationRequired: '4000002760003184',
  pm_card_authenticationRequiredChargeDeclinedInsufficientFunds: '4000008260003178',
};

export function testCard(number: string): TestCard {
  return testCards[number] ?? { outcome: 'succeed' };
}
