import type { EventRecord } from '@penalty-ledger/ledger';
import { ConflictError } from '../errors.js';
import { appendByteLimit, comparePositions, type ExpectedRevision } from '../event-store.js';
import { sampleEvents } from './sample-events.js';
import type { Bench } from './store-under-test.js';

/** The promises of every engine about a single append. */
export function describeAppending(bench: Bench): void {
  it('appends to a stream that does not exist', async () => {
    const events = sampleEvents('agency/a1', 3);
    const appended = await bench.store.append('agency/a1', 'no_stream', events);
    expect(appended.revision).toBe(2);
    expect(await bench.store.head()).toBe(appended.position);
    expect(await bench.storedIn('agency/a1')).toEqual(events);
  });

  it('appends to a stream that exists', async () => {
    const events = sampleEvents('agency/a1', 5);
    const first = await bench.store.append('agency/a1', 'no_stream', events.slice(0, 2));
    const second = await bench.store.append('agency/a1', 1, events.slice(2));
    expect(second.revision).toBe(4);
    expect(comparePositions(first.position, second.position)).toBeLessThan(0);
    expect(await bench.storedIn('agency/a1')).toEqual(events);
  });

  it.each<[string, ExpectedRevision, number, ExpectedRevision]>([
    ['a revision of a stream that does not exist', 0, 0, 'no_stream'],
    ['a later revision than the last', 5, 2, 1],
    ['an earlier revision than the last', 0, 2, 1],
    ['no stream where there is one', 'no_stream', 2, 1],
  ])(
    'refuses %s, and says what it expected and found',
    async (_case, expected, existing, found) => {
      const stream = 'agency/a1';
      const before = sampleEvents(stream, existing);
      if (existing > 0) await bench.store.append(stream, 'no_stream', before);
      const others = sampleEvents(stream, 8, { writer: 'two' });
      const append = bench.store.append(
        stream,
        expected,
        others.slice(expected === 'no_stream' ? 0 : expected + 1),
      );
      await expect(append).rejects.toBeInstanceOf(ConflictError);
      await expect(append).rejects.toMatchObject({ code: 'conflict', stream, expected, found });
      await expect(append).rejects.toThrow(`expected revision ${expected}, found ${found}`);
      expect(await bench.stored()).toEqual(before);
    },
  );

  it('refuses an append that follows another event than the one that stands there', async () => {
    const stored = sampleEvents('agency/a1', 2);
    const others = sampleEvents('agency/a1', 3, { writer: 'two' });
    await bench.store.append('agency/a1', 'no_stream', stored);
    const append = bench.store.append('agency/a1', 1, others.slice(2));
    await expect(append).rejects.toMatchObject({ code: 'conflict', expected: 1, found: 1 });
    expect(await bench.stored()).toEqual(stored);
  });

  it('answers a repeated batch as the first time, also later, and stores nothing', async () => {
    const events = sampleEvents('agency/a1', 6);
    const first = await bench.store.append('agency/a1', 'no_stream', events.slice(0, 2));
    const second = await bench.store.append('agency/a1', 1, events.slice(2, 4));
    await bench.store.append('agency/a1', 3, events.slice(4));
    expect(await bench.store.append('agency/a1', 'no_stream', events.slice(0, 2))).toEqual(first);
    expect(await bench.store.append('agency/a1', 1, events.slice(2, 4))).toEqual(second);
    expect(await bench.stored()).toEqual(events);
  });

  it('recognises a repetition by the ids alone: what was stored first stands', async () => {
    const events = sampleEvents('agency/a1', 2, { text: 'as first sent' });
    const again = sampleEvents('agency/a1', 2, { text: 'handled anew' });
    const first = await bench.store.append('agency/a1', 'no_stream', events);
    expect(await bench.store.append('agency/a1', 'no_stream', again)).toEqual(first);
    expect(await bench.stored()).toEqual(events);
  });

  it('refuses a batch of which only a part is stored', async () => {
    const events = sampleEvents('agency/a1', 4);
    await bench.store.append('agency/a1', 'no_stream', events.slice(0, 2));
    const longer = bench.store.append('agency/a1', 'no_stream', events);
    await expect(longer).rejects.toMatchObject({
      code: 'conflict',
      expected: 'no_stream',
      found: 1,
    });
    const overlapping = bench.store.append('agency/a1', 0, events.slice(1));
    await expect(overlapping).rejects.toMatchObject({ code: 'conflict', expected: 0, found: 1 });
    expect(await bench.stored()).toEqual(events.slice(0, 2));
  });

  const [first, second, third] = sampleEvents('agency/a1', 3) as [
    EventRecord,
    EventRecord,
    EventRecord,
  ];
  const [stranger] = sampleEvents('agency/a1', 2, { writer: 'two' }).slice(1) as [EventRecord];
  it.each<[string, string, ExpectedRevision, readonly EventRecord[]]>([
    ['no events', 'agency/a1', 'no_stream', []],
    ['the same event twice', 'agency/a1', 'no_stream', [first, first]],
    ['an id twice', 'agency/a1', 'no_stream', [first, { ...second, id: first.id }]],
    ['a gap', 'agency/a1', 'no_stream', [first, third]],
    ['events in the wrong order', 'agency/a1', 'no_stream', [second, first]],
    ['events that do not start where it is expected', 'agency/a1', 'no_stream', [second]],
    ['events of another stream', 'agency/a2', 'no_stream', [first]],
    [
      'an event that does not follow the one before it',
      'agency/a1',
      'no_stream',
      [first, stranger],
    ],
    [
      'a hash that is not of the bytes',
      'agency/a1',
      'no_stream',
      [{ ...first, leafHash: second.leafHash }],
    ],
    [
      'a record that contradicts its body',
      'agency/a1',
      'no_stream',
      [{ ...first, body: second.body }],
    ],
    ['a body that is not an event', 'agency/a1', 'no_stream', [{ ...first, body: '{}' }]],
    ['a negative revision', 'agency/a1', -1, [first]],
    ['half a revision', 'agency/a1', 0.5, [second]],
    ['a stream without a name', '', 'no_stream', [{ ...first, stream: '' }]],
    ['a stream with a NUL in its name', 'a\0', 'no_stream', sampleEvents('a\0', 1)],
  ])('refuses an append with %s', async (_case, stream, expected, events) => {
    await expect(bench.store.append(stream, expected, events)).rejects.toBeInstanceOf(RangeError);
    expect(await bench.store.head()).toBeUndefined();
    expect(await bench.stored()).toEqual([]);
  });

  it('takes an append up to the limit and refuses one beyond it, whole', async () => {
    const third = Math.floor(appendByteLimit / 3);
    const fitting = sampleEvents('agency/a1', 3, { text: 'x'.repeat(third - 1_000) });
    const oversize = sampleEvents('agency/a2', 3, { text: 'x'.repeat(third) });
    await expect(bench.store.append('agency/a2', 'no_stream', oversize)).rejects.toBeInstanceOf(
      RangeError,
    );
    await bench.store.append('agency/a1', 'no_stream', fitting);
    expect(await bench.stored()).toEqual(fitting);
  });

  it.each([
    ['Chinese, rare characters and emoji', '达人 𠮷䶮 👩‍👩‍👧 café'],
    ['what stands for unreadable bytes', 'a \ufffd b \ufffd\ufffd'],
    ['what JSON escapes', '"quoted" \\ \b\f\n\r\t \0 \u001f \u2028'],
    [
      'text that looks like the end of an event',
      ',"format":1,"id":"x","previous":"y","revision":9}',
    ],
  ])('keeps every byte of %s', async (_case, text) => {
    const events = sampleEvents('agency/达人 "𠮷"', 2, { text });
    await bench.store.append('agency/达人 "𠮷"', 'no_stream', events);
    expect(await bench.stored()).toEqual(events);
    expect(await bench.storedIn('agency/达人 "𠮷"')).toEqual(events);
  });
}
