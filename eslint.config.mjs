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

/** From which folders of `src` each may import; every one may import types.ts, version.ts and own-files.ts. */
const MAY_IMPORT = {
  base: [],
  telemetry: ['base'],
  source: ['base'],
  targets: ['base', 'telemetry', 'source'],
  presets: ['base', 'telemetry', 'targets'],
  options: ['base', 'targets', 'presets'],
  trace: ['base', 'telemetry'],
  watch: ['base', 'telemetry', 'source', 'targets', 'trace'],
  install: ['base', 'telemetry', 'source', 'targets', 'trace', 'watch'],
  manual: ['base', 'telemetry', 'targets', 'options', 'trace'],
  'run-report': ['base', 'telemetry', 'trace'],
};
/** What only the top imports: the instrumentation and the ways to start it. */
const TOP = ['instrumentation', 'index', 'register-import-hooks', 'register', 'cli', 'testing'];

function importRules(folder) {
  const allowed = MAY_IMPORT[folder];
  const forbidden = [...Object.keys(MAY_IMPORT), ...TOP].filter(
    (other) => other !== folder && !allowed.includes(other),
  );
  const message = `src/${folder} may import from: ${allowed.map((other) => `src/${other}`).join(', ') || 'no other folder'}`;
  const patterns = [{ regex: `^(?:\\.\\./)+(?:${forbidden.join('|')})(?:/|$)`, message }];
  return { files: [`src/${folder}/**/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

const unusedVariables = { ignoreRestSiblings: true, varsIgnorePattern: '^_', argsIgnorePattern: '^_' };

export default defineConfig(
  {
    // Fixtures are what programs look like, odd ones included.
    ignores: ['build/', 'coverage/', '.nodes/', '**/node_modules/', 'test/fixtures/', '**/*.d.ts'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'off',
      'no-unused-vars': ['error', unusedVariables],
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
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
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
      '@typescript-eslint/no-unused-vars': ['error', unusedVariables],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-empty-function': 'off',
      // `as string` says what the value is, where `!` only says what it is not.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Values come from programs and configurations that no compiler has checked.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Assertions on `any` and on optional members say what we know; the compiler would infer less honest types.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // Taking methods off their objects is what a patch does; those of this project use no `this`, or say so.
      '@typescript-eslint/unbound-method': 'off',
      // `for of` calls an iterator that the program may have replaced.
      '@typescript-eslint/prefer-for-of': 'off',
      // `x !== undefined && x.y` is a boolean, `x?.y` is not.
      '@typescript-eslint/prefer-optional-chain': 'off',
    },
  },
  ...Object.keys(MAY_IMPORT).map(importRules),
  {
    // Tests do on purpose what a program may do by accident. What matters here is that no test forgets to wait.
    files: ['test/**/*.ts'],
    ignores: ['test/packages/**', 'test/pack/**'],
    extends: [tseslint.configs.base],
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    rules: {
      'no-empty': 'off',
      'no-redeclare': 'off',
      'no-undef': 'off',
      'no-unsafe-finally': 'off',
      'no-unused-vars': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-unused-vars': ['error', { ...unusedVariables, caughtErrors: 'none' }],
    },
  },
  {
    // Programs to read, run by people as they are: no type information.
    files: ['examples/**/*.ts', 'bench/**/*.ts', 'test/packages/**/*.ts', 'test/pack/**/*.ts', 'test/pack/**/*.cts'],
    extends: [tseslint.configs.recommended],
  },
);
