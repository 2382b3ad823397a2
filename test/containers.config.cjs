const { join } = require('node:path');
const base = require('../jest.config.js');

/** The end-to-end tests and the drills, against the production stack in containers: npm run test:containers */
module.exports = {
  ...base,
  rootDir: join(__dirname, '..'),
  roots: ['<rootDir>/test'],
  // Left out: outage stops the processes of `npm start`, as faults.drill.ts does with containers; fuzz expects
  // every response from the gateway, and a proxy answers some hostile requests itself.
  testMatch: ['<rootDir>/test/e2e/!(outage|fuzz).spec.ts', '<rootDir>/test/containers/*.drill.ts'],
  globalSetup: '<rootDir>/test/containers/setup.ts',
  testSequencer: '<rootDir>/tools/containers/sequencer.cjs',
  testTimeout: 600_000,
  maxWorkers: 1,
};
