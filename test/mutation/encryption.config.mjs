import { configFor } from './config.mjs';

export default await configFor({
  name: 'encryption',
  mutate: [
    'libs/encryption/src/*.ts',
    '!libs/encryption/src/*.spec.ts',
    // Its test runs it in a process of its own, compiled, where no mutant is.
    '!libs/encryption/src/worker-priority.ts',
  ],
  specs: ['libs/encryption/src/*.spec.ts'],
});
