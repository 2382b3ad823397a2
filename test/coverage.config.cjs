const { join } = require('node:path');
const base = require('../jest.config.js');

/** The tests of what secrets rest on, and how many of its lines they run. */
module.exports = {
  ...base,
  rootDir: join(__dirname, '..'),
  testMatch: ['<rootDir>/apps/auth/**/*.spec.ts', '<rootDir>/libs/encryption/**/*.spec.ts'],
  collectCoverage: true,
  coverageProvider: 'babel',
  collectCoverageFrom: ['apps/auth/src/**/*.ts', 'libs/encryption/src/**/*.ts', '!**/*.spec.ts', '!**/fixtures/**'],
  coverageReporters: [['text', { skipFull: true }], 'text-summary', 'html'],
  coverageThreshold: { './apps/auth/': { lines: 90 }, './libs/encryption/': { lines: 90 } },
};
