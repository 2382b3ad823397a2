import { defineService } from '#libs/service';
import { AuthConfig } from './config';

export const service = defineService({
  name: 'auth',
  environment: AuthConfig,
  migrations: async () => (await import('./database.js')).migrations,
  prepare: async ({ bucket, objectDirectory }) => {
    const { requireWritableFolder } = await import('#libs/objects');
    if (bucket === undefined) await requireWritableFolder(objectDirectory);
  },
  modules: async () => {
    const { yieldWhileHashing } = await import('#libs/encryption');
    await yieldWhileHashing();
    return (await import('./auth.module.js')).auth();
  },
});
