import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutputFile } from '../terminal/output-file.js';
import { ndjsonReport, RefusedReport } from './refused-report.js';

const folder = mkdtempSync(join(tmpdir(), 'refused-'));
const path = join(folder, 'refused.ndjson');
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  writeFileSync(path, 'before');
});
afterEach(() => jest.restoreAllMocks());

const bytes = Buffer.from('{}');
/** A refused line whose entry is as long as what is written at once. */
const refused = {
  text: { line: 1, bytes },
  outcome: { status: 'rejected', code: 'invalid', message: long() },
} as unknown as Parameters<RefusedReport['note']>[0];

function long(): { readonly en: string; readonly zh: string } {
  return { en: 'x'.repeat(70_000), zh: '长'.repeat(70_000) };
}

it('takes its name at the end, and leaves nothing beside it', async () => {
  const report = await RefusedReport.open(path, join(folder, 'lines.ndjson'), ndjsonReport);
  await report.note(refused);
  expect(readFileSync(path, 'utf8')).toBe('before');
  await report.close();
  expect(readFileSync(path, 'utf8')).toMatch(/^\{"line":1,"code":"invalid","message":"x{70000}/);
  expect(readdirSync(folder)).toEqual(['refused.ndjson']);
});

it.each(['appendFile', 'close'] as const)(
  'leaves what was there on a full disk: %s',
  async (step) => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const report = await RefusedReport.open(path, join(folder, 'lines.ndjson'), ndjsonReport);
    const { handle } = report.file as unknown as {
      handle: Record<typeof step, () => Promise<void>>;
    };
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
    jest.spyOn(handle, step).mockRejectedValueOnce(full);
    const write = async (): Promise<void> => {
      await report.note(refused);
      await report.close();
    };
    await expect(write()).rejects.toMatchObject({ code: 'ENOSPC', path });
    // The import closes the report after an error too.
    if (step === 'appendFile') await report.close();
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['refused.ndjson']);
    expect(said.mock.calls.join('')).toContain(`"${path}" is as it was before`);
  },
);

it('writes to a pipe or a device itself', async () => {
  const output = await OutputFile.open('/dev/full');
  await expect(output.write('x')).rejects.toMatchObject({ code: 'ENOSPC' });
});
