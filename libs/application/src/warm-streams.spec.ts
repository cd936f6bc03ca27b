import { WarmStreams } from './warm-streams.js';

/** Loads that end when the test says so; each gives the number of its load. */
function streams() {
  const ends: (() => void)[] = [];
  let loads = 0;
  const warm = new WarmStreams<number>(async () => {
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
  'what was being loaded at a %s is given to whoever waited, and not kept',
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
  const warm = new WarmStreams<number>(async () => {
    if (isBroken) throw new Error('no disk');
    return 1;
  });
  await expect(warm.get('a')).rejects.toThrow('no disk');
  isBroken = false;
  expect(await warm.get('a')).toBe(1);
});
