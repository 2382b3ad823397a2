import type { Route } from './http/route';
import { balanceRoutes } from './resources/balance';
import { checkoutRoutes } from './resources/checkout-sessions';
import { couponRoutes } from './resources/coupons';
import { customerRoutes } from './resources/customers';
import { eventRoutes } from './resources/events';
import { invoiceRoutes } from './resources/invoices';
import { paymentMethodRoutes } from './resources/payment-methods';
import { paymentRoutes } from './resources/payments';
import { portalRoutes } from './resources/portal';
import { priceRoutes } from './resources/prices';
import { productRoutes } from './resources/products';
import { promotionCodeRoutes } from './resources/promotion-codes';
import { subscriptionRoutes } from './resources/subscriptions';
import { taxIdRoutes } from './resources/tax-ids';
import { testClockRoutes } from './resources/test-clocks';
import { webhookEndpointRoutes } from './resources/webhook-endpoints';

/** All that the sandbox can do. Any other path of the API is a 501. */
export const routes: readonly Route[] = [
  ...balanceRoutes,
  ...checkoutRoutes,
  ...couponRoutes,
  ...customerRoutes,
  ...eventRoutes,
  ...invoiceRoutes,
  ...paymentMethodRoutes,
  ...paymentRoutes,
  ...portalRoutes,
  ...priceRoutes,
  ...productRoutes,
  ...promotionCodeRoutes,
  ...subscriptionRoutes,
  ...taxIdRoutes,
  ...testClockRoutes,
  ...webhookEndpointRoutes,
];
