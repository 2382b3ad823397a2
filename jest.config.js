/** @type {import('jest').Config} */
module.exports = {
  // Nest 12 is ESM, which jest loads as such; our own sources become CommonJS, as in the build.
  testEnvironment: '<rootDir>/test/environment.ts',
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^#libs/(.*)$': '<rootDir>/libs/$1/src/index.ts' },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/scripts', '<rootDir>/test', '<rootDir>/tools'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  testMatch: ['**/*.spec.ts'],
  testTimeout: 180_000,
  maxWorkers: 2,
};
