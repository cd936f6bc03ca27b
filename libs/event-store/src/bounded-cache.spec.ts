import fc from 'fast-check';
import { BoundedCache } from './bounded-cache.js';

it('keeps what was used last up to half of what it may, and never more than it may', () => {
  const key = fc.integer({ min: 0, max: 11 });
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('set' as const), key) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('get' as const), key) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('delete' as const), key) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const cache = new BoundedCache<number, { readonly set: number }>(8);
      const values = new Map<number, { readonly set: number }>();
      let used: number[] = [];
      operations.forEach(([kind, name], at) => {
        const value = { set: at };
        if (kind === 'set') cache.set(name, value);
        if (kind === 'set') values.set(name, value);
        if (kind === 'delete') cache.delete(name);
        if (kind === 'delete') values.delete(name);
        const isUsed = kind === 'set' || (kind === 'get' && cache.get(name) !== undefined);
        if (kind !== 'get' || isUsed) used = used.filter((other) => other !== name);
        if (isUsed) used.push(name);

        const kept = [...values.keys()].filter((other) => cache.peek(other) !== undefined);
        expect(kept.length).toBeLessThanOrEqual(8);
        expect(kept).toEqual(expect.arrayContaining(used.slice(-4)));
        for (const other of kept) expect(cache.peek(other)).toBe(values.get(other));
        if (!cache.hasForgotten) expect(kept).toHaveLength(values.size);
      });
    }),
  );
});

it('gives nothing of what was deleted or cleared', () => {
  const cache = new BoundedCache<string, number>(4);
  for (const [at, name] of ['a', 'b', 'c'].entries()) cache.set(name, at);
  cache.delete('a');
  cache.delete('c');
  expect(['a', 'b', 'c'].map((name) => cache.get(name))).toEqual([undefined, 1, undefined]);
  cache.clear();
  expect(cache.get('b')).toBeUndefined();
  expect(cache.hasForgotten).toBe(false);
});

it('looking at an entry does not use it', () => {
  const looked = new BoundedCache<string, number>(4);
  const used = new BoundedCache<string, number>(4);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    for (const cache of [looked, used]) cache.set(name, 0);
    looked.peek('a');
    used.get('a');
  }
  expect([looked.peek('a'), used.peek('a')]).toEqual([undefined, 0]);
});

describe('of entries that weigh', () => {
  const weighing = () => new BoundedCache<string, number[]>(20, ({ length }) => length);
  const weighted = (weight: number) => Array<number>(weight).fill(0);

  it('an entry that is set anew weighs what it weighs now', () => {
    const cache = weighing();
    for (let round = 0; round < 10; round += 1) cache.set('a', weighted(5));
    cache.set('b', weighted(5));
    cache.set('a', weighted(1));
    cache.set('c', weighted(4));
    cache.set('d', weighted(9));
    for (const name of ['a', 'b', 'c', 'd']) expect(cache.peek(name)).toBeDefined();
    cache.set('e', weighted(9));
    for (const name of ['a', 'b', 'c']) expect(cache.peek(name)).toBeUndefined();
    expect(cache.hasForgotten).toBe(true);
  });

  it('the last one is kept whatever it weighs', () => {
    const cache = weighing();
    cache.set('a', weighted(100));
    expect(cache.get('a')).toHaveLength(100);
    cache.set('b', weighted(1));
    cache.set('c', weighted(20));
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('c')).toHaveLength(20);
  });

  it('one that grew makes room at its next use, and not before', () => {
    const cache = weighing();
    const grown = weighted(1);
    cache.set('a', grown);
    cache.set('b', weighted(1));
    grown.push(...weighted(20));
    cache.set('c', weighted(1));
    expect(cache.get('a')).toBe(grown);
    cache.set('d', weighted(10));
    cache.set('e', weighted(10));
    for (const name of ['a', 'b', 'c']) expect(cache.peek(name)).toBeUndefined();
  });
});
