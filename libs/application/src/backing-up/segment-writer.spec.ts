import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readManifest, type Segment } from './backup-manifest.js';
import { segmentLimit, SegmentWriter } from './segment-writer.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'segments-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function add(
  before: readonly Segment[],
  lines: readonly string[],
): Promise<readonly Segment[]> {
  const writer = new SegmentWriter(folder, 'events', before);
  await writer.add(lines);
  return writer.finish();
}

const linesIn = (segments: readonly Segment[]): string =>
  segments.map(({ file }) => gunzipSync(readFileSync(join(folder, file))).toString()).join('');

it('merges small segments into their successor, so that many runs leave few files', async () => {
  let segments: readonly Segment[] = [];
  let expected = '';
  for (let run = 1; run <= 100; run += 1) {
    segments = await add(segments, [`line ${run}`]);
    expected += `line ${run}\n`;
    expect(segments.length).toBeLessThanOrEqual(7);
  }
  expect(linesIn(segments)).toBe(expected);
  expect(segments.map(({ first, last }) => last - first + 1)).toEqual([64, 32, 4]);
});

it('begins another segment at the limit, and merges none beyond it', async () => {
  const { lines } = segmentLimit;
  const many = Array.from({ length: lines + 2 }, (_, index) => String(index));
  const segments = await add([], many);
  expect(segments.map(({ first, last }) => [first, last])).toEqual([
    [1, lines],
    [lines + 1, lines + 2],
  ]);
  expect(linesIn(segments)).toBe(many.map((line) => `${line}\n`).join(''));
  const more = await add(segments, many.slice(0, lines));
  expect(more.map(({ last }) => last)).toEqual([lines, lines + 2, 2 * lines + 2]);
});

it('does not merge a segment that is not what was written', async () => {
  const [segment] = await add([], ['one']);
  appendFileSync(join(folder, segment!.file), 'x');
  const changed = [{ ...segment!, bytes: segment!.bytes + 1 }];
  await expect(add(changed, ['two'])).rejects.toThrow('SHA-256 differs');
});

it.each([
  ['another format', '{"format":2}\n', 'has format 2'],
  ['no JSON', 'x', 'is not JSON'],
  ['members missing', '{"format":1}\n', 'is damaged'],
])('a manifest with %s is refused', (_, text, problem) => {
  expect(() => readManifest(text, 'backup.json')).toThrow(problem);
});

it('a manifest cannot name a file elsewhere', () => {
  const segment = { bytes: 1, file: '../../etc/passwd', first: 1, last: 1, sha256: '0'.repeat(64) };
  const text = JSON.stringify({
    checkpoints: { count: 0, lastSize: 0, segments: [] },
    events: { count: 1, edge: [], root: '0'.repeat(64), segments: [segment] },
    format: 1,
    ledgerId: 'l1',
    madeAt: '2026-01-01T00:00:00.000Z',
    simulation: false,
  });
  expect(() => readManifest(`${text}\n`, 'backup.json')).toThrow('events.segments.0.file');
});
