import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What Node gives to plain scripts. TypeScript files need no list: the compiler knows. */
const nodeGlobals = Object.fromEntries(
  [
    ...['AbortController', 'AbortSignal', 'Buffer', 'ReadableStream', 'Response', 'TextDecoder', 'TextEncoder', 'URL'],
    ...['clearInterval', 'clearTimeout', 'console', 'fetch', 'gc', 'performance', 'process', 'queueMicrotask'],
    ...['setImmediate', 'setInterval', 'setTimeout', 'structuredClone'],
  ].map((name) => [name, 'readonly']),
);
const commonJsGlobals = { __dirname: 'readonly', __filename: 'readonly', module: 'writable', require: 'readonly' };

export default defineConfig(
  {
    // Fixtures are what programs look like, odd ones included; test/packages and test/pack install programs of others.
    ignores: ['build/', 'coverage/', '.nodes/', '**/node_modules/', 'test/fixtures/', '**/*.d.ts'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'off',
      'no-unused-vars': ['error', { ignoreRestSiblings: true, varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'prefer-const': 'error',
      // Generators that yield nothing and functions that do nothing are ordinary here.
      'no-empty-function': 'off',
      'require-yield': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { sourceType: 'module', globals: nodeGlobals },
  },
  {
    files: ['**/*.cjs', '**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { ...nodeGlobals, ...commonJsGlobals } },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    ignores: ['test/packages/**', 'test/pack/**'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-deprecated': [
        'error',
        // The provider that the API puts in place: its `getDelegate` is the only way to tell whether an SDK is there.
        { allow: [{ from: 'package', package: '@opentelemetry/api', name: 'ProxyTracerProvider' }] },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        // `Promise.prototype.then` with both reactions, which handles what it observes.
        { allowForKnownSafeCalls: [{ from: 'file', name: 'promiseThen' }] },
      ],
      '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-empty-function': 'off',
      // `as string` says what the value is, where `!` only says what it is not.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Values come from programs and configurations that no compiler has checked.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Taking methods off their objects is what a patch does; those of this project use no `this`, or say so.
      '@typescript-eslint/unbound-method': 'off',
      // `x !== undefined && x.y` is a boolean, `x?.y` is not.
      '@typescript-eslint/prefer-optional-chain': 'off',
    },
  },
  {
    // Tests do on purpose what a program may do by accident.
    files: ['test/**/*.ts'],
    rules: {
      'no-unused-expressions': 'off',
      'no-empty': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          ignoreRestSiblings: true,
          varsIgnorePattern: '^_',
          argsIgnorePattern: '^_',
          // for await (const item of stream) { only counted }
          caughtErrors: 'none',
        },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-deprecated': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-function-type': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
      '@typescript-eslint/no-useless-constructor': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/class-literal-property-style': 'off',
    },
  },
  {
    // Programs to read, run by people as they are: no type information.
    files: ['examples/**/*.ts', 'bench/**/*.ts', 'test/packages/**/*.ts', 'test/pack/**/*.ts', 'test/pack/**/*.cts'],
    extends: [tseslint.configs.recommended],
  },
);
