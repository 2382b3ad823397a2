import { defineService } from '#libs/service';
import { NotificationConfig } from './config';

export const service = defineService({
  name: 'notification',
  environment: NotificationConfig,
  modules: async (config) => (await import('./notification.module.js')).notification(config),
});
