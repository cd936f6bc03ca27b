import { sampleLines } from '../read-models/sample-ledger.js';
import { runLines } from './command-loop.js';
import { Shell } from './transcript.js';

jest.setTimeout(60_000);

const shell = new Shell();
afterAll(() => {
  shell.remove();
});

// The operating system refuses to make files longer than some kilobytes, as a quota would.
it.each([
  [8, 0],
  [40, 0],
  [120, 0],
  [200, 100],
])(
  'an import that may write %i kB a file, with %i lines acknowledged before that is too little, ' +
    'ends with the file and what to do, and goes on later',
  (kilobytes, before) => {
    const lines = sampleLines();
    shell.write('lines.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const store = `--store sqlite:./at-${String(kilobytes)}/ledger.db`;
    // The rest comes once the first lines have their outcomes.
    const parts = [
      `head -n ${String(before)} lines.ndjson`,
      'for _ in {1..600}; do [ -s outcomes ] && break; sleep 0.1; done',
      `tail -n +${String(before + 1)} lines.ndjson`,
    ].join('; ');
    const given = before === 0 ? 'cat lines.ndjson' : `(${parts})`;
    const full = shell.run(
      `${given} | (ulimit -S -f ${String(kilobytes)}; exec ledger import - ${store}) ` +
        '| tee outcomes',
    );
    const errors = full.stderr.split('\n').filter((line) => !/^[\d,]+ lines?: /.test(line));
    expect(errors).toEqual([
      expect.stringMatching(/^error: .*"[^"]+\/at-\d+\/ledger(?:\.\w+)?\.db/),
      expect.stringMatching(/^hint: .*run the same again/),
    ]);
    const acknowledged = full.stdout.split('\n').filter((line) => line.includes('"accepted"'));
    expect(acknowledged.length).toBeGreaterThanOrEqual(before);
    const [again, doctor, verify] = runLines(
      shell.folder,
      [['import', 'lines.ndjson', '--strict'], ['doctor', '--full'], ['verify']].map((line) => [
        ...line,
        ...store.split(' '),
      ]),
    );
    expect(again!.exitCode).toBe(0);
    const duplicates = again!.stdout.split('\n').filter((line) => line.includes('"duplicate"'));
    expect(duplicates.length).toBeGreaterThanOrEqual(acknowledged.length);
    expect([doctor!.exitCode, verify!.exitCode]).toEqual([0, 0]);
  },
);
