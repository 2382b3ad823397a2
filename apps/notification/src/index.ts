import { defineService } from '#libs/service';
import { NotificationConfig } from './config';

export const service = defineService({
  name: 'notification',
  environment: NotificationConfig,
  migrations: async () => (await import('./database.js')).migrations,
  modules: async (config) => (await import('./notification.module.js')).notification(config),
});
