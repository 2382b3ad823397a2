import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { routeAccess } from './tools/eslint-rules/route-access.ts';

/** Dangerous or misleading everywhere; each message names what to use instead. */
const dangerous = [
  {
    selector:
      "CallExpression[callee.property.name='query'] > TemplateLiteral > :not(TemplateElement, CallExpression[callee.property.name=/^escape(Identifier|Literal)$/])",
    message: 'Values go into $1, $2, …; names through escapeIdentifier().',
  },
  {
    selector: 'CallExpression[callee.name=/^(execute|queryRows)$/] > TemplateLiteral > :not(TemplateElement)',
    message: 'Values go into $1, $2, ….',
  },
];

const sleeps = [
  {
    selector: "AwaitExpression > NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout']",
    message: 'No sleeps in tests: wait for the condition with eventually().',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?timers\\u002fpromises$/]',
    message: 'No sleeps in tests: wait for the condition with eventually().',
  },
];

const processEnv = {
  object: 'process',
  property: 'env',
  message: "The environment is read once, in the app's config.ts, through #libs/config.",
};
const mathRandom = {
  object: 'Math',
  property: 'random',
  message: 'It can be predicted: use randomBytes, randomInt or randomUUID of node:crypto.',
};

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.local']),
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', 'scripts/*.mjs'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 250],
      'max-lines-per-function': ['error', 40],
      'no-restricted-syntax': ['error', ...dangerous],
      'no-restricted-properties': ['error', processEnv, mathRandom],
      'no-restricted-imports': [
        'error',
        {
          paths: ['child_process', 'node:child_process'].map((name) => ({
            name,
            importNames: ['exec', 'execSync'],
            message: 'A shell reads its argument as a program: use spawn or execFile with a list of arguments.',
          })),
        },
      ],
      // A cast hides what a parser would check. `as const` is not one.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `return void-call()` reads well, and libraries declare their options as classes.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `[...text]` is how code points are counted.
      '@typescript-eslint/no-misused-spread': 'off',
      // Nest's modules are empty classes, and its interfaces ask for async methods that need not wait.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['apps/gateway/src/**/*.controller.ts'],
    plugins: { groundwork: { rules: { 'route-access': routeAccess } } },
    rules: { 'groundwork/route-access': 'error' },
  },
  {
    files: ['libs/config/**', 'libs/testing/**', 'scripts/**', 'test/**'],
    rules: { 'no-restricted-properties': ['error', mathRandom] },
  },
  {
    // Data definition takes no parameters: these names are this program's own constants.
    files: ['libs/database/src/provision.ts', 'apps/gateway/src/session-revocation/revoked-sessions.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // Deprecated by its author to be noticed: it is for issuers on loopback, which production's configuration refuses.
    files: ['apps/auth/src/oauth/oidc-provider.ts'],
    rules: {
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', package: 'openid-client', name: 'allowInsecureRequests' }] },
      ],
    },
  },
  {
    // Jitter: how long to wait before the next attempt is no secret.
    files: ['libs/jobs/src/workers.ts', 'libs/redis/src/connection.ts'],
    rules: { 'no-restricted-properties': ['error', processEnv] },
  },
  {
    // Expectations on what a library leaves untyped fail by themselves when they are wrong; the .mjs run before zod is installed.
    files: ['**/*.spec.ts', '**/fixtures/**', 'apps/*/test/**', 'scripts/*.mjs'],
    rules: Object.fromEntries(
      ['assignment', 'return', 'member-access', 'argument', 'call'].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        'off',
      ]),
    ),
  },
  {
    // A describe() is a chapter, not a function.
    files: ['**/*.spec.ts', '**/fixtures/**', 'apps/*/test/**'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    files: ['**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...dangerous, ...sleeps],
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
