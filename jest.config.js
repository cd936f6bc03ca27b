// ESM sources and ESM-only packages are transformed to CommonJS: no experimental flag, and memory stays flat
// (Jest's own ESM mode grows by some 17 MB a spec).
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
  // CommonJS, but it imports Node's modules dynamically, which Jest cannot do without a flag.
  '@opentelemetry',
].join('|');

export default {
  testEnvironment: 'node',
  setupFiles: ['reflect-metadata'],
  testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '^.+\\.[mc]?[jt]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Its exports name only `import`, a condition Jest does not ask for.
    '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js',
  },
  testEnvironmentOptions: { customExportConditions: ['ledger-src', 'node', 'node-addons'] },
  testTimeout: 30_000,
  maxWorkers: 2,
  // Tests that a file runs side by side wait for other programs, one for each core.
  maxConcurrency: 2,
  reporters: ['default', '<rootDir>/test/support/plain-line-reporter.cjs'],
};
