import type { Instant } from '@penalty-ledger/ledger';
import { ErrorOutput } from './error-output.js';

const clock = { now: () => '2026-01-01T00:00:00.000Z' as Instant };

class SlowReader {
  readonly read: string[] = [];
  held: string[] = [];

  get writableLength(): number {
    return this.held.join('').length;
  }

  write(text: string, written?: () => void): void {
    this.held.push(text);
    if (written !== undefined) this.#written.push(written);
  }

  on(): void {
    // No error comes.
  }

  readAll(): void {
    this.read.push(...this.held.splice(0));
    for (const written of this.#written.splice(0)) written();
  }

  readonly #written: (() => void)[] = [];
}

it('what does not fit is counted, and the count is written once there is room', () => {
  const reader = new SlowReader();
  const output = new ErrorOutput(reader, clock);
  const line = `${'x'.repeat(99_999)}\n`;
  for (let n = 0; n < 25; n += 1) output.write(line);
  expect(reader.held).toHaveLength(10);
  reader.readAll();
  output.write('again\n');
  expect(reader.held.map((text) => text.trimEnd())).toEqual([
    '{"level":40,"time":1767225600000,"dropped":15,' +
      '"msg":"messages were dropped, because nobody read standard error"}',
    'again',
  ]);
});

it('text from outside cannot steer a terminal', () => {
  const reader = new SlowReader();
  new ErrorOutput(reader, clock).write('a\u001b[2J\u202eb\n');
  expect(reader.held).toEqual(['a\ufffd[2J\ufffdb\n']);
});

it('the end waits for a reader for a second', async () => {
  const reader = new SlowReader();
  const output = new ErrorOutput(reader, clock);
  output.write('a\n');
  const slow = output.flush();
  expect(await slow).toBe(false);
  const read = output.flush();
  reader.readAll();
  expect(await read).toBe(true);
});
