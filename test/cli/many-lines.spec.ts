import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Shell } from './transcript.js';

const lines = 100_000;
const agencies = 500;

let shell: Shell;

beforeAll(async () => {
  shell = new Shell();
  const file = createWriteStream(join(shell.folder, 'many.ndjson'));
  for (let number = 0; number < lines; number += 1)
    if (!file.write(`${lineOf(number)}\n`)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
});

afterAll(() => shell.remove());

/** Agencies first; then, by turns, a deduction, the same again, a wrong one, and half a line. */
function lineOf(number: number): string {
  const at = new Date(Date.UTC(2019, 0, 1) + number * 60_000).toISOString();
  const line = (command: string, data: object): string =>
    JSON.stringify({ at, command, by: 'officer-lin', data });
  if (number < agencies)
    return line('AdmitAgency', {
      agencyId: `a${String(number)}`,
      name: `杭州第${String(number)}文化传媒`,
    });
  const turn = number % 4;
  const which = number - (turn === 1 ? 1 : 0);
  const isForNobody = turn === 2 && number % 40 === 2;
  const agencyId = isForNobody ? 'nobody' : `a${String(Math.floor(which / 4) % agencies)}`;
  const occurredAt = new Date(Date.UTC(2019, 0, 1) + which * 60_000 - 3_600_000).toISOString();
  const deduction = line('RecordDeduction', {
    deductionId: `d${String(which)}`,
    agencyId,
    points: turn === 2 && !isForNobody ? 0 : 1,
    clause: 'creator-violation',
    occurredAt,
    notice: { text: '使用绝对化用语，扣1分。' },
  });
  return turn === 3 ? deduction.slice(0, 90) : deduction;
}

it('handles 100,000 lines, many of them wrong, in bounded memory', () => {
  const startedMs = performance.now();
  const { stdout, stderr, exitCode } = shell.run(
    'export NODE_OPTIONS=--max-old-space-size=160; ' +
      'ledger simulate many.ndjson 2> messages | tail -1; ' +
      'tail -1 messages >&2; exit ${PIPESTATUS[0]}',
  );
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(`${String(Math.round(lines / seconds))} lines a second`);
  expect({ stderr, exitCode }).toEqual({
    stderr:
      '100,000 lines: 25375 accepted, 24875 duplicate, 49750 rejected; 25,375 events, 0 findings',
    exitCode: 0,
  });
  expect(stdout).toBe(
    '{"line":100000,"status":"rejected","code":"invalid","events":[],"findings":[]}',
  );
}, 300_000);
