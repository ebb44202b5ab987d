/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  // Tests run the sources: a bare import of the library means its source, and `./x.js` means `./x.ts`.
  moduleNameMapper: {
    '^nestjs-gamification$': '<rootDir>/libs/gamification/src/index.ts',
    '^nestjs-gamification-server$': '<rootDir>/libs/gamification-server/src/index.ts',
    '^nestjs-gamification/testing$': '<rootDir>/libs/gamification/src/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
  testTimeout: 30_000,
  // Most tests wait for a database or a process more than they compute.
  maxWorkers: '100%',
};
