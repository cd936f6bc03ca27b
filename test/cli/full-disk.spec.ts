import { sampleLines } from '../read-models/sample-ledger.js';
import { runLines } from './command-loop.js';
import { Shell } from './transcript.js';

jest.setTimeout(60_000);

const shell = new Shell();
afterAll(() => {
  shell.remove();
});

// The operating system refuses to make files longer than some kilobytes, as a quota would.
it.each([8, 40, 120, 200])(
  'an import that may write %i kB a file ends with the file and what to do, and goes on later',
  (kilobytes) => {
    const lines = sampleLines();
    shell.write('lines.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const store = `--store sqlite:./at-${String(kilobytes)}/ledger.db`;
    const full = shell.run(
      `ulimit -S -f ${String(kilobytes)}; ledger import lines.ndjson ${store} | cat`,
    );
    const errors = full.stderr.split('\n').filter((line) => !/^[\d,]+ lines?: /.test(line));
    expect(errors).toEqual([
      expect.stringMatching(/^error: .*"[^"]+\/at-\d+\/ledger(?:\.\w+)?\.db/),
      expect.stringMatching(/^hint: .*run the same again/),
    ]);
    const acknowledged = full.stdout.split('\n').filter((line) => line.includes('"accepted"'));
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
