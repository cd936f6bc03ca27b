import { hash } from 'node:crypto';
import fc from 'fast-check';
import {
  HeadPageError,
  maxPagelessBytes,
  proveAbsenceFrom,
  proveHeadFrom,
  rootOfPages,
  updatePages,
  type HeadPages,
} from './head-pages.js';
import { headHash, streamKey, type MapEntry, type StreamHead } from './stream-head-proofs.js';
import { StreamHeads } from './stream-heads.js';

/** A map kept as a store keeps it, and beside it the one in memory, which knows no pages. */
class KeptMap implements HeadPages {
  readonly pages = new Map<string, Uint8Array>();
  readonly oracle = new StreamHeads();
  #entries: MapEntry[] = [];
  readonly #changed = new Set<string>();

  page(prefix: string): Uint8Array | undefined {
    return this.pages.get(prefix);
  }

  entries(prefix: string, limit: number): readonly MapEntry[] {
    return this.#entries.filter(({ key }) => key.startsWith(prefix)).slice(0, limit);
  }

  set(stream: string, head: StreamHead): void {
    const entry = { key: streamKey(stream), head: headHash(head) };
    this.oracle.set(stream, head);
    this.#entries = [...this.#entries.filter(({ key }) => key !== entry.key), entry];
    this.#changed.add(entry.key);
  }

  /** Brings the pages up; gives how many were put. */
  update(how: 'changed' | 'all' = 'changed'): { readonly root: string; readonly put: number } {
    this.#entries.sort((a, b) => (a.key < b.key ? -1 : 1));
    let put = 0;
    const root = updatePages(
      this,
      how === 'all' ? 'all' : [...this.#changed].sort(byCode),
      (prefix, page) => {
        this.pages.set(prefix, page);
        put += 1;
      },
    );
    this.#changed.clear();
    return { root, put };
  }
}

const byCode = (a: string, b: string): number => (a < b ? -1 : 1);
const head = (revision: number): StreamHead => ({
  revision,
  leafHash: hash('sha256', String(revision), 'hex'),
});

describe('the pages of the map of stream heads', () => {
  it('give the root of the map in memory after any moves and any number of updates', () => {
    const moves = fc.array(
      fc.array(fc.record({ stream: fc.nat(400), revision: fc.nat(9) }), { maxLength: 150 }),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(moves, (rounds) => {
        const map = new KeptMap();
        expect(rootOfPages(map)).toBe(map.oracle.root());
        for (const round of rounds) {
          for (const { stream, revision } of round) map.set(`s${String(stream)}`, head(revision));
          expect(map.update().root).toBe(map.oracle.root());
          expect(rootOfPages(map)).toBe(map.oracle.root());
        }
      }),
      { numRuns: 60 },
    );
  });

  it('give the same proofs as the map in memory, for every stream and for absent ones', () => {
    for (const size of [0, 1, 2, maxPagelessBytes, maxPagelessBytes + 1, 700]) {
      const map = new KeptMap();
      for (let at = 0; at < size; at += 1) map.set(`s${String(at)}`, head(at));
      map.update();
      for (let at = 0; at < size; at += 1) {
        expect(proveHeadFrom(map, `s${String(at)}`)).toEqual(
          map.oracle.proveHead(`s${String(at)}`),
        );
      }
      for (let at = 0; at < 200; at += 1) {
        expect(proveAbsenceFrom(map, `none${String(at)}`)).toEqual(
          map.oracle.proveAbsence(`none${String(at)}`),
        );
      }
    }
  });

  it('are as many as the digits on the way of a head that moves', () => {
    const map = new KeptMap();
    for (let at = 0; at < 2_000; at += 1) map.set(`s${String(at)}`, head(at));
    expect(map.update().put).toBe(map.pages.size);
    map.set('s77', head(3_000));
    // 2,000 streams: a page for the root, and one for the first digit of the key.
    expect(map.update()).toEqual({ root: map.oracle.root(), put: 2 });
  });

  it('can be made again from the entries alone', () => {
    const map = new KeptMap();
    for (let at = 0; at < 1_200; at += 1) map.set(`s${String(at)}`, head(at));
    map.update();
    const pages = new Map([...map.pages].map(([prefix, page]) => [prefix, Uint8Array.from(page)]));
    for (const page of map.pages.values()) page.fill(0);
    expect(rootOfPages(map)).not.toBe(map.oracle.root());
    expect(map.update('all').root).toBe(map.oracle.root());
    expect(
      new Map([...map.pages].map(([prefix, page]) => [prefix, Uint8Array.from(page)])),
    ).toEqual(pages);
  });

  it('of another form are refused', () => {
    const map = new KeptMap();
    for (let at = 0; at < 100; at += 1) map.set(`s${String(at)}`, head(at));
    map.update();
    map.pages.set('', new Uint8Array(7));
    expect(() => rootOfPages(map)).toThrow(HeadPageError);
  });

  it('prove no head of a stream that is not there, and no absence of one that is', () => {
    const map = new KeptMap();
    map.set('s1', head(1));
    map.update();
    expect(() => proveHeadFrom(map, 's2')).toThrow('there is no stream "s2"');
    expect(() => proveAbsenceFrom(map, 's1')).toThrow('there is a stream "s1"');
  });
});
