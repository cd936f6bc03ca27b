import fc from 'fast-check';
// Not part of the library's face: what it counts is held here against the rule, asked pair by pair.
import { InFlight, type Passing } from '../../libs/event-store/src/eventstoredb/in-flight.js';

const groups = [{}, {}];
const stream = fc.constantFrom('a', 'b', 'c', 'd');

const append = fc
  .record({
    stream,
    byteLength: fc.constantFrom(1, 3 << 20),
    group: fc.constantFrom(undefined, ...groups),
    reads: fc.array(stream, { maxLength: 3 }),
  })
  .map(({ stream: name, byteLength, group, reads }): Passing => ({
    request: { stream: name, byteLength },
    together: group && { group, reads },
  }));

const steps = fc.array(fc.oneof(append, fc.nat({ max: 9 })), { maxLength: 40 });

/**
 * The rule of docs/decisions/eventstoredb.md: appends of one stream, or decided at one instant and
 * independent of each other.
 */
function mayPass(next: Passing, earlier: Passing): boolean {
  const [mine, its] = [next.request.stream, earlier.request.stream];
  if (mine === its) return true;
  if (next.together === undefined || next.together.group !== earlier.together?.group) return false;
  return !next.together.reads.includes(its) && !earlier.together.reads.includes(mine);
}

describe('an append', () => {
  it('is let in beside those under way when it may pass each of them, and there is room', () => {
    let [admitted, refused] = [0, 0];
    fc.assert(
      fc.property(steps, (taken) => {
        const inFlight = new InFlight<Passing>();
        const model: Passing[] = [];
        for (const step of taken) {
          if (typeof step === 'number') {
            const [landed] = model.splice(step, 1);
            if (landed !== undefined) inFlight.delete(landed);
            continue;
          }
          const bytes = [...model, step].reduce((sum, { request }) => sum + request.byteLength, 0);
          const expected =
            model.length === 0 ||
            (bytes <= 8 << 20 && model.every((earlier) => mayPass(step, earlier)));
          expect(inFlight.admits(step)).toBe(expected);
          if (expected) {
            admitted += 1;
            model.push(step);
            inFlight.add(step);
          } else refused += 1;
          expect(inFlight.size).toBe(model.length);
        }
      }),
      { numRuns: 2_000, seed: 5 },
    );
    expect(Math.min(admitted, refused)).toBeGreaterThan(1_000);
  });

  it('waits when 256 are under way', () => {
    const inFlight = new InFlight<Passing>();
    const group = {};
    for (let index = 0; index < 256; index += 1)
      inFlight.add({
        request: { stream: `s${String(index)}`, byteLength: 1 },
        together: { group, reads: [] },
      });
    expect(
      inFlight.admits({
        request: { stream: 'next', byteLength: 1 },
        together: { group, reads: [] },
      }),
    ).toBe(false);
  });
});
