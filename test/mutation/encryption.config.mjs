import { configFor } from './config.mjs';

export default await configFor({
  name: 'encryption',
  mutate: [
    'libs/encryption/src/*.ts',
    '!libs/encryption/src/*.spec.ts',
    // Its test runs the compiled code in a separate process, which contains no mutant.
    '!libs/encryption/src/worker-priority.ts',
  ],
  specs: ['libs/encryption/src/*.spec.ts'],
});
