import {
  agencyStream,
  fingerprintOf,
  recordEvents,
  type Instant,
  type StreamHead,
} from '@penalty-ledger/ledger';
import { AppendBatch, type DecidedOn } from './append-batch.js';

const noon = '2019-03-01T12:00:00.000Z' as Instant;
const later = '2019-03-01T12:00:00.001Z' as Instant;

/** An outbox that is given one event at a time, each following the last of its agency. */
class Pen {
  readonly batch = new AppendBatch();
  readonly #heads = new Map<string, StreamHead>();

  write(agencyId: string, decidedOn: DecidedOn, recordedAt = noon): this {
    const stream = agencyStream(agencyId);
    const head = this.#heads.get(stream);
    const data = { agencyId, deductionId: 'd1', was: 1 };
    const recorded = recordEvents([{ type: 'DeductionRevoked', data }], {
      ledgerId: 'l1',
      stream,
      head,
      recordedAt,
      actor: 'test',
      causation: {
        command: 'RecordRevocation',
        commandId: agencyId,
        fingerprint: fingerprintOf('x', data),
      },
    });
    this.batch.add({
      stream,
      expected: head?.revision ?? 'no_stream',
      recorded,
      recordedAt,
      on: decidedOn,
    });
    const last = recorded.at(-1)?.record;
    if (last !== undefined) this.#heads.set(stream, last);
    return this;
  }

  /** The agency and the revisions of each append. */
  get appends(): string[] {
    return this.batch
      .take()
      .map(({ stream, events }) => `${stream}@${events.map(({ revision }) => revision).join(',')}`);
  }
}

const on = (...agencies: string[]): DecidedOn => new Set(agencies.map(agencyStream));

describe('what waits to go to the store', () => {
  it('is one append for each stream at one instant', () => {
    const pen = new Pen()
      .write('a', on('a'))
      .write('b', on('b'))
      .write('a', on('a'))
      .write('b', on('b', 'c'));
    expect(pen.appends).toEqual(['agency-a@0,1', 'agency-b@0,1']);
  });

  it('does not grow over an instant', () => {
    expect(new Pen().write('a', on('a')).write('a', on('a'), later).appends).toEqual([
      'agency-a@0',
      'agency-a@1',
    ]);
  });

  it.each<[string, DecidedOn, DecidedOn]>([
    ['that it was decided on', on('b'), on('a', 'b')],
    ['that was decided on its stream', on('a', 'b'), on('a')],
    ['that was decided on everything', 'everything', on('a')],
    ['when it was decided on everything', on('b'), 'everything'],
  ])('does not pass an event %s', (_case, between, last) => {
    const pen = new Pen().write('a', on('a')).write('b', between).write('a', last);
    expect(pen.appends).toEqual(['agency-a@0', 'agency-b@0', 'agency-a@1']);
  });

  it('names the other streams each append was decided on, in groups of one instant', () => {
    const pen = new Pen()
      .write('a', on('a'))
      .write('b', on('b', 'c'))
      .write('d', 'everything')
      .write('a', on('a'), later);
    const [a, b, d, next] = pen.batch.take();
    expect(a?.together?.reads).toEqual([]);
    expect(b?.together?.reads).toEqual([agencyStream('c')]);
    expect(b?.together?.group).toBe(a?.together?.group);
    expect(d?.together).toBeUndefined();
    expect(next?.together?.group).not.toBe(a?.together?.group);
  });

  it('is of another group once it was taken', () => {
    const pen = new Pen().write('a', on('a'));
    const [first] = pen.batch.take();
    const [second] = pen.write('b', on('b')).batch.take();
    expect(second?.together?.group).not.toBe(first?.together?.group);
  });
});
