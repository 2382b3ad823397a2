/** @type {import('jest').Config} */
module.exports = {
  // Our own sources become CommonJS, as in the build; packages are loaded by Node.
  testEnvironment: '<rootDir>/test/environment.ts',
  runtime: '<rootDir>/test/runtime.cjs',
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^#libs/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    // `import('./x.js')` names what TypeScript makes of x.ts.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/scripts', '<rootDir>/test', '<rootDir>/tools'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  testMatch: ['**/*.spec.ts'],
  testTimeout: 180_000,
  // As many as a small machine has cores: with a third, a gateway's first request was now and then too late for its deadlines.
  maxWorkers: 2,
};
