const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const base = require('../jest.config.js');

const rootDir = join(__dirname, '..');
const swc = JSON.parse(readFileSync(join(rootDir, '.swcrc'), 'utf8'));

/** The tests of the code that protects secrets, with the coverage of its lines. */
module.exports = {
  ...base,
  rootDir,
  testMatch: ['<rootDir>/apps/auth/**/*.spec.ts', '<rootDir>/libs/encryption/**/*.spec.ts'],
  // Jest maps coverage to our lines only with an inline source map. Without one it counts lines that the
  // compiler adds.
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }] },
  collectCoverage: true,
  coverageProvider: 'babel',
  collectCoverageFrom: ['apps/auth/src/**/*.ts', 'libs/encryption/src/**/*.ts', '!**/*.spec.ts', '!**/fixtures/**'],
  coverageReporters: [['text', { skipFull: true }], 'text-summary', 'html'],
  coverageThreshold: { './apps/auth/': { lines: 90 }, './libs/encryption/': { lines: 90 } },
};
