import type { EventRecord } from '@penalty-ledger/ledger';
import { IntegrityError } from '../errors.js';
import { damageText, type EventDamage } from '../event-damage.js';
import { sampleEvents } from './sample-events.js';
import { type Bench, collect, recordIn } from './store-under-test.js';

/** The damages of one event: other bytes under its hash, and none at all. */
const kinds = ['changed', 'missing'] as const;

/** The promises of every engine about reading past an event that is damaged. */
export function describeDamage(bench: Bench): void {
  describe.each(kinds)('an event that is %s', (kind) => {
    const streams = ['a', 'b', 'c'].map((stream) => sampleEvents(stream, 4));
    let stored: EventRecord[];

    beforeEach(async () => {
      stored = [];
      for (let revision = 0; revision < 4; revision += 1)
        for (const event of streams.flatMap((events) => events.slice(revision, revision + 1))) {
          await bench.store.append(event.stream, revision === 0 ? 'no_stream' : revision - 1, [
            event,
          ]);
          stored.push(event);
        }
      await bench.damage('b', 1, kind);
    });

    const others = (): EventRecord[] =>
      stored.filter(({ stream, revision }) => stream !== 'b' || revision !== 1);

    it.each([1, 3, 100])('is reported once, and all others are read, %i at once', async (size) => {
      const reader = await bench.openReader();
      const found: EventDamage[] = [];
      const onDamage = (damage: EventDamage): number => found.push(damage);
      const read = await collect(reader.readAll({ batchSize: size, onDamage }));
      expect(read.map(recordIn)).toEqual(others());
      const { leafHash = '' } = streams[1]?.[1] ?? {};
      expect(found).toEqual([expect.objectContaining({ stream: 'b', revision: 1, leafHash })]);
      expect(found.map((damage) => damageText(damage).en)).toEqual([
        expect.stringMatching(new RegExp(`stream b, revision 1.*; its leaf hash is ${leafHash}$`)),
      ]);
      await reader.close();
    });

    it('is passed by a follower, which goes on live', async () => {
      const reader = await bench.openReader();
      const found: EventDamage[] = [];
      const end = new AbortController();
      const seen: EventRecord[] = [];
      const next = sampleEvents('d', 2);
      for await (const batch of reader.follow({
        batchSize: 2,
        signal: end.signal,
        onDamage: (damage) => found.push(damage),
      })) {
        seen.push(...batch.map(recordIn));
        if (seen.length === others().length) await bench.store.append('d', 'no_stream', next);
        if (seen.length === others().length + next.length) end.abort();
      }
      expect(seen).toEqual([...others(), ...next]);
      expect(found).toEqual([expect.objectContaining({ stream: 'b', revision: 1 })]);
      await reader.close();
    });

    it('stops a reader who does not ask for damage, and a reader of its stream', async () => {
      const reader = await bench.openReader();
      await expect(collect(reader.readAll())).rejects.toBeInstanceOf(IntegrityError);
      await expect(
        collect(reader.follow({ signal: AbortSignal.timeout(60_000) })),
      ).rejects.toBeInstanceOf(IntegrityError);
      await expect(collect(reader.readStream('b'))).rejects.toMatchObject({
        place: { stream: 'b', revision: 1 },
      });
      expect((await collect(reader.readStream('a'))).map(recordIn)).toEqual(streams[0]);
      await reader.close();
    });
  });
}
