import { configFor } from './config.mjs';

const folders = 'apps/auth/src/{session/*,sign-in/{mfa,totp,one-time-token}}';

export default await configFor({
  name: 'auth',
  mutate: [`${folders}/*.ts`, `!${folders}/*.spec.ts`],
  specs: [`${folders}/*.spec.ts`],
});
