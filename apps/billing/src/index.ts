import { defineService } from '#libs/service';
import { BillingConfig } from './config';

export const service = defineService({
  name: 'billing',
  environment: BillingConfig,
  migrations: async () => (await import('./database.js')).migrations,
  modules: async () => (await import('./billing.module.js')).billing,
});
