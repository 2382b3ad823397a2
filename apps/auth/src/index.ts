import { defineService } from '#libs/service';
import { AuthConfig } from './config';

export const service = defineService({
  name: 'auth',
  environment: AuthConfig,
  migrations: async () => (await import('./database.js')).migrations,
  modules: async () => {
    const { yieldWhileHashing } = await import('#libs/encryption');
    await yieldWhileHashing();
    return (await import('./auth.module.js')).auth();
  },
});
