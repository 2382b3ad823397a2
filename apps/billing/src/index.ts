import { defineService } from '#libs/service';
import { BillingConfig } from './config';

export const service = defineService({
  name: 'billing',
  environment: BillingConfig,
  modules: async () => (await import('./billing.module.js')).billing,
});
