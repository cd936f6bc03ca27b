import { StateCache } from './state-cache.js';

/** Loads that end when the test says so; each gives the number of its load. */
function streams() {
  const ends: (() => void)[] = [];
  let loads = 0;
  const warm = new StateCache<number>(async () => {
    const number = (loads += 1);
    await new Promise<void>((resolve) => ends.push(resolve));
    return number;
  });
  return { warm, ends };
}

it('those who ask while a state is loaded share the load', async () => {
  const { warm, ends } = streams();
  const both = [warm.get('a'), warm.get('a')];
  expect(ends).toHaveLength(1);
  ends[0]!();
  expect(await Promise.all(both)).toEqual([1, 1]);
  expect(await warm.get('a')).toBe(1);
});

it.each(['forget', 'clear'] as const)(
  'a state that is being loaded at a %s is given to its callers, and not kept',
  async (change) => {
    const { warm, ends } = streams();
    const before = warm.get('a');
    warm[change]('a');
    const after = warm.get('a');
    for (const end of ends) end();
    expect([await before, await after]).toEqual([1, 2]);
    expect(warm.kept('a')).toBe(2);
  },
);

it('a load that fails is tried again by the next who asks', async () => {
  let isBroken = true;
  const warm = new StateCache<number>(async () => {
    if (isBroken) throw new Error('no disk');
    return 1;
  });
  await expect(warm.get('a')).rejects.toThrow('no disk');
  isBroken = false;
  expect(await warm.get('a')).toBe(1);
});

describe('what is kept', () => {
  /** Twenty at most; a state weighs what its list is long. */
  function weighing() {
    const loaded: string[] = [];
    const warm = new StateCache<string[]>(
      async (name) => {
        loaded.push(name);
        return Array.from(name);
      },
      20,
      ({ length }) => length,
    );
    return { warm, loaded };
  }

  it('weighs no more than it may, and half of that at the least', async () => {
    const { warm } = weighing();
    for (const name of ['aaaaa', 'bbbbb', 'ccccc', 'ddddd', 'eeeee']) await warm.get(name);
    expect(warm.kept('aaaaa')).toBeUndefined();
    expect(warm.kept('bbbbb')).toBeUndefined();
    for (const name of ['ccccc', 'ddddd', 'eeeee']) expect(warm.kept(name)).toBeDefined();
  });

  it('is weighed anew when it is asked for, because it grows', async () => {
    const { warm, loaded } = weighing();
    const state = await warm.get('a');
    await warm.get('b');
    state.push(...Array<string>(20).fill('a'));
    await warm.get('a');
    await warm.get('c');
    expect(warm.kept('a')).toBe(state);
    for (const name of ['ddddd', 'eeeee']) await warm.get(name);
    expect([warm.kept('a'), warm.kept('b')]).toEqual([undefined, undefined]);
    expect(loaded).toEqual(['a', 'b', 'c', 'ddddd', 'eeeee']);
  });

  it('is at least what was asked for last, however much it weighs', async () => {
    const { warm, loaded } = weighing();
    const name = 'x'.repeat(100);
    await warm.get(name);
    expect(await warm.get(name)).toHaveLength(100);
    expect(loaded).toEqual([name]);
  });

  it('weighs nothing once it is forgotten', async () => {
    const { warm } = weighing();
    for (let round = 0; round < 10; round += 1) {
      await warm.get('aaaaa');
      warm.forget('aaaaa');
    }
    await warm.get('bbbbb');
    expect(warm.kept('bbbbb')).toBeDefined();
    await warm.get('ccccc');
    expect(warm.kept('bbbbb')).toBeDefined();
  });
});
