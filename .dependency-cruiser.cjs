// Who may depend on whom. Dependencies point towards the ledger and towards ports.
const ours = '^(libs|apps|bench|test)/';
const specs = '[.]spec[.]ts$';

/**
 * A rule that lets a library import itself and `allowed` of our own packages, and lets its specs
 * import what tests share.
 */
const onlyOn = (library, ...allowed) => ({
  name: `${library}-only-on-${allowed.join('-and-') || 'nothing-of-ours'}`,
  severity: 'error',
  from: { path: `^libs/${library}/` },
  to: { path: ours, pathNot: `^(libs/(${[library, ...allowed].join('|')})|test/support)/` },
});

/**
 * The floors of a package, lowest first, each a list of its rooms. A room imports its own files and
 * those of lower floors, never a neighbour's or a higher one's.
 */
const floorsOf = (folder, floors) =>
  floors.map((rooms, floor) => ({
    name: `${folder.replace(/^.*[/]/, '')}-floor-${floor}-imports-downward`,
    severity: 'error',
    from: { path: `^${folder}/src/(${rooms.join('|')})/`, pathNot: specs },
    to: {
      path: `^${folder}/src/(${floors.slice(floor).flat().join('|')})/`,
      pathNot: `^${folder}/src/$1/`,
    },
  }));

module.exports = {
  forbidden: [
    ...floorsOf('libs/application', [
      ['streams', 'keys'],
      ['recording', 'stores'],
      ['answering', 'shared-engine', 'verification'],
      ['bus', 'signing', 'copying', 'spreadsheets'],
      ['intake', 'opening', 'packing'],
      ['nodes', 'access'],
      ['backing-up', 'following'],
      ['evidence-files', 'filing'],
    ]),
    ...floorsOf('libs/ledger', [
      ['rulebooks', 'calendars'],
      ['creator', 'traffic'],
      ['session'],
      ['agency'],
      ['assessment'],
      ['outlook'],
      ['deciding-again'],
    ]),
    ...floorsOf('apps/api', [
      ['http'],
      ['guard'],
      ['served'],
      ['queries'],
      ['assessments', 'deductions', 'holds', 'keys', 'proofs', 'rulebooks', 'traffic'],
      [
        'agencies',
        'appeals',
        'complaints',
        'creators',
        'deadlines',
        'events',
        'evidence',
        'findings',
        'outlook',
        'sessions',
      ],
      ['commands', 'webhooks'],
      ['evidence-files', 'imports', 'trials'],
      ['operating'],
    ]),
    onlyOn('ledger'),
    onlyOn('event-store', 'ledger'),
    onlyOn('merkle-log'),
    onlyOn('evidence', 'ledger', 'merkle-log'),
    onlyOn('projections', 'ledger', 'event-store'),
    onlyOn('sequencer', 'ledger', 'event-store', 'merkle-log'),
    onlyOn(
      'application',
      'ledger',
      'event-store',
      'projections',
      'merkle-log',
      'sequencer',
      'evidence',
    ),
    {
      name: 'apps-only-on-libs',
      severity: 'error',
      comment: 'But one: the verb "serve" is the service, through its one entrance.',
      from: { path: '^apps/([^/]+)/' },
      to: { path: ours, pathNot: ['^libs/', '^apps/$1/', '^apps/api/src/index[.]ts$'] },
    },
    {
      name: 'apps-ask-the-reader',
      comment:
        'Read models are reached through libs/application, which keeps them up with the store.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/projections/' },
    },
    {
      name: 'the-domain-does-no-io',
      comment:
        'libs/ledger has no framework, no I/O and no clock. Of Node it may use crypto and assert.',
      severity: 'error',
      from: { path: '^libs/ledger/src/', pathNot: specs },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|assert|assert/strict)$' },
    },
    {
      name: 'the-merkle-log-is-pure',
      comment:
        'libs/merkle-log hashes, signs and checks its arguments. Of Node it may use only crypto.',
      severity: 'error',
      from: { path: '^libs/merkle-log/src/', pathNot: specs },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'evidence-packs-are-pure',
      comment: 'libs/evidence makes and checks bytes; of Node it may use crypto and zlib.',
      severity: 'error',
      from: { path: '^libs/evidence/src/', pathNot: specs },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib)$' },
    },
    {
      name: 'nest-only-in-apps-and-application',
      severity: 'error',
      from: {
        path: ours,
        pathNot: ['^apps/', '^libs/application/', '^test/', '^bench/src/http-service[.]ts$'],
      },
      to: { path: '(^|/)node_modules/@nestjs/' },
    },
    {
      name: 'one-folder-per-driver',
      comment:
        'Only the store adapter, the read models, the Merkle log file, the key file and the ' +
        'access file use SQLite.',
      severity: 'error',
      from: {
        path: ours,
        pathNot: [
          '^libs/event-store/src/sqlite/',
          '^libs/projections/src/',
          '^libs/sequencer/src/',
          '^libs/application/src/keys/key-(file|tables)[.]ts$',
          '^libs/application/src/access/',
          '^(bench|test)/',
        ],
      },
      to: {
        path: [
          'node_modules/@photostructure/sqlite/',
          'node_modules/better-sqlite3/',
          '^(node:)?sqlite$',
          '^better-sqlite3$',
        ],
      },
    },
    {
      name: 'one-folder-for-the-engine',
      comment:
        "Only its adapter uses EventStoreDB's client; the tests' engine speaks its protocol.",
      severity: 'error',
      from: { path: ours, pathNot: ['^libs/event-store/src/eventstoredb/', '^(bench|test)/'] },
      to: { path: ['node_modules/@eventstore/', 'node_modules/@grpc/', 'node_modules/@kurrent/'] },
    },
    {
      name: 'the-client-stays-in-its-folder',
      comment: 'An adapter on the newer client replaces this folder, and nothing else.',
      severity: 'error',
      from: {
        path: '^libs/event-store/src/',
        pathNot: ['^libs/event-store/src/eventstoredb/client/'],
      },
      to: {
        path: [
          'node_modules/@eventstore/',
          'node_modules/google-protobuf/',
          'node_modules/@grpc/',
          'node_modules/@kurrent/',
        ],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: ours },
      to: { circular: true },
    },
    {
      name: 'no-folder-for-leftovers',
      comment: 'A folder is named for what is in it.',
      severity: 'error',
      from: {},
      to: { path: '/(common|utils|shared)/', pathNot: 'node_modules/' },
    },
    {
      name: 'no-leftovers-as-a-source',
      severity: 'error',
      from: { path: '/(common|utils|shared)/', pathNot: 'node_modules/' },
      to: {},
    },
    {
      name: 'no-dev-dependency-from-src',
      severity: 'error',
      from: { path: '^(libs|apps)/[^/]+/src/', pathNot: specs },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-dependency',
      severity: 'error',
      from: { path: '^(libs|apps)/[^/]+/src/', pathNot: specs },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^(libs/[^/]+|apps/[^/]+|bench|test)/dist/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['ledger-src', 'import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
