// ESM sources and ESM-only packages are transformed to CommonJS. That needs no experimental flag,
// and memory stays flat: Jest's own ESM mode grows by some 17 MB a spec.
const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};

const esmOnly = [
  '@nestjs',
  '@seriousme',
  'jose',
  'oidc-provider',
  'uid',
  '@borewit',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  'iterare',
  'path-to-regexp',
  '@tokenizer',
  'canonicalize',
  'string-width',
  'strip-ansi',
  'ansi-regex',
  'get-east-asian-width',
  'leven',
  // CommonJS, but it imports Node's modules dynamically, which Jest cannot do without a flag.
  '@opentelemetry',
  '@sqlite.org',
  'age-encryption',
  '@noble',
  '@scure',
].join('|');

const shared = {
  testEnvironment: 'node',
  setupFiles: ['reflect-metadata', '<rootDir>/test/support/bundled-threads.cjs'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '^.+\\.[mc]?[jt]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Its exports name only `import`, a condition Jest does not ask for.
    '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js',
  },
  testEnvironmentOptions: { customExportConditions: ['ledger-src', 'node', 'node-addons'] },
};

// `npm run test:quick` runs the tests that compute in one process and need no build: the rules, the
// formats and their vectors, the units beside the sources. `npm test` also runs the tests that open
// ledgers, services and engines, or start threads and programs.
const quick = [
  String.raw`/(libs|apps)/[\w-]+/src/(?!sqlite/).+\.spec\.ts$`,
  String.raw`/test/(domain|format)/[\w-]+\.spec\.ts$`,
  String.raw`/test/evidence/(statement-content|statement-page|statement-pdf|vectors)\.spec\.ts$`,
  String.raw`/test/[\w-]+\.spec\.ts$`,
];
const elsewhere = ['/node_modules/', '/dist/'];

export default {
  projects: [
    { ...shared, displayName: 'quick', testRegex: quick, testPathIgnorePatterns: elsewhere },
    {
      ...shared,
      displayName: 'rest',
      testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
      testPathIgnorePatterns: [...elsewhere, ...quick],
    },
  ],
  testTimeout: 30_000,
  maxWorkers: 2,
  // A worker that held more took longer to exit than the half second Jest gives it, and was killed.
  workerIdleMemoryLimit: '500MB',
  // Tests that a file runs side by side wait for other programs, one for each core.
  maxConcurrency: 2,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  reporters: ['default', '<rootDir>/test/support/plain-line-reporter.cjs'],
};
