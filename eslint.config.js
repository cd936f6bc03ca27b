import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const clockAndChance = [
  'error',
  ...[
    'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
    'NewExpression[callee.name="Date"][arguments.length=0]',
    'CallExpression[callee.name="Date"]',
    'CallExpression[callee.object.name="DateTime"][callee.property.name="now"]',
    'CallExpression[callee.object.name="DateTime"][callee.property.name=/^(local|utc)$/][arguments.length=0]',
  ].map((selector) => ({
    selector,
    message: 'Time is an argument; the one clock is libs/application/src/clock.ts.',
  })),
  {
    selector: 'CallExpression[callee.object.name="Math"][callee.property.name="random"]',
    message: 'Chance is an argument: the same input gives the same ledger.',
  },
];

export default defineConfig(
  { ignores: ['**/dist/', '**/coverage/', 'data/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/require-array-sort-compare': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],

      // Numbers and booleans read well in a message; objects, arrays and undefined stay forbidden.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => store.close()` is clear, and a callback may return what its caller ignores.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A Nest module is a class whose decorator says everything.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Nest types its options as classes and means object literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An adapter fulfils an asynchronous port with synchronous work.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    ignores: ['libs/application/src/clock.ts'],
    rules: { 'no-restricted-syntax': clockAndChance },
  },
  {
    // Text from outside is read by patterns, and a pattern must not take longer than the text is.
    files: ['{libs,apps,bench}/**/*.{ts,js}'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: false }],
    },
  },
  {
    // A benchmark prints; the CLI writes to the streams it is given.
    files: ['bench/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      // Nothing outside calls a test's own functions.
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // A test states that something is there; if it is not, the test fails, which is the purpose.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `expect(store.append)` names a method without calling it.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    languageOptions: {
      globals: {
        URL: 'readonly',
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
  {
    // Chapters of the page's two scripts. The page defines `verifier` and `words`.
    files: ['libs/evidence/page/{verify,statement}/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['atob', 'btoa', 'Blob', 'crypto', 'DecompressionStream', 'document'],
          ...['TextDecoder', 'TextEncoder', 'verifier', 'words'],
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: {
      // Joined, a function declared twice would be no error; a constant is one.
      'func-style': ['error', 'expression'],
      'no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
  },
);
