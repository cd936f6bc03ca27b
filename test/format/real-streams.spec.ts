import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { EventEnvelope } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { randomHistory } from '../oracle/random-history.js';
import { isMissing } from '../support/ci.js';
import { TestLedger } from '../support/test-ledger.js';
import { problemOfStream, type VectorRecord } from '../support/stream-problem.js';
import { documentedTypes, type DocumentedType } from './event-types.js';

describe('what a ledger stores', () => {
  const types = documentedTypes();
  let streams: ReadonlyMap<string, VectorRecord[]>[] = [];

  beforeAll(async () => {
    const histories = fc.sample(randomHistory('observer'), { numRuns: 12, seed: 20190307 });
    streams = await Promise.all(histories.map(({ lines }) => streamsOf(lines)));
  });

  it('is streams in format 1', () => {
    for (const stored of streams) {
      for (const [stream, records] of stored) {
        expect({ stream, problem: problemOfStream('test', stream, records) }).toEqual({
          stream,
          problem: undefined,
        });
      }
    }
  });

  it('has the members that docs/spec/event.md gives each type, and no other', () => {
    const seen = new Set<string>();
    for (const event of streams.flatMap((stored) => [...stored.values()].flat().map(eventOf))) {
      const type = types.get(event.type);
      seen.add(event.type);
      expect(misfits(event, type)).toEqual([]);
    }
    // Enough is drawn to say something of nearly every type an agency's stream has.
    expect(seen.size).toBeGreaterThan(18);
  });

  it('is read by the second reader as well', () => {
    const input = JSON.stringify(
      streams.flatMap((stored) =>
        [...stored].map(([stream, records]) => ({ ledgerId: 'test', stream, records })),
      ),
    );
    const { error, stdout } = spawnSync('python3', [join(__dirname, 'second_reader.py'), '-'], {
      encoding: 'utf8',
      input,
    });
    if (isMissing('python3', error, 'test/format/second_reader.py')) return;
    expect(stdout).toMatch(/^\d+ checks, 0 failed\n$/);
  });
});

async function streamsOf(lines: readonly unknown[]): Promise<Map<string, VectorRecord[]>> {
  const ledger = await TestLedger.open('observer');
  for (const line of lines) await ledger.apply(line);
  await ledger.finish();
  const streams = new Map<string, VectorRecord[]>();
  for await (const batch of ledger.store.readAll()) {
    for (const { stream, body, leafHash } of batch) {
      streams.set(stream, [...(streams.get(stream) ?? []), { body, leafHash }]);
    }
  }
  await ledger.close();
  return streams;
}

const eventOf = ({ body }: VectorRecord) => JSON.parse(body) as EventEnvelope;

/** Returns the differences of an event from the row of its type. */
function misfits(event: EventEnvelope, type: DocumentedType | undefined): string[] {
  if (type === undefined) return [`${event.type} has no row`];
  const times = (['occurredAt', 'decidedAt', 'notifiedAt', 'effectiveAt'] as const).filter(
    (time) => time in event,
  );
  const place = (problem: string) => `${event.type}: ${problem}`;
  return [
    ...differences(Object.keys(event.data as object), type.data).map((name) =>
      place(`data.${name}`),
    ),
    ...differences(times, type.times).map(place),
    ...((event.rulebook === undefined) === type.rulebook ? [place('rulebook')] : []),
    ...((event.personal === undefined ? type.personal.some(isRequired) : type.personal.length === 0)
      ? [place('personal')]
      : []),
  ];
}

const isRequired = (member: string) => !member.endsWith('?');

/** Members that are there and not documented, or documented as always there and missing. */
function differences(found: readonly string[], documented: readonly string[]): string[] {
  const known = documented.map((member) => member.replace('?', ''));
  return [
    ...found.filter((member) => !known.includes(member)),
    ...documented.filter((member) => isRequired(member) && !found.includes(member)),
  ];
}
