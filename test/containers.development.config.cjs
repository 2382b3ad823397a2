const production = require('./containers.config.cjs');

/** The end-to-end tests against docker-compose.yml: npm run test:containers -- --development */
module.exports = {
  ...production,
  testMatch: ['<rootDir>/test/e2e/!(outage).spec.ts'],
  globalSetup: '<rootDir>/test/containers/development-setup.ts',
};
