import { ArrivalTurns, maxWaitingOfOne } from './arrival-turns.js';

/** Requests that each take the time they are given, on a clock that only they move. */
class Arriving {
  readonly begun: string[] = [];
  ms = 0;
  readonly #ends = new Map<string, () => void>();
  readonly #turns = new ArrivalTurns(() => this.ms);

  send(sender: string, tookMs: number, isKnown = true): void {
    this.#turns.take({ sender, isKnown, isReading: false }, () => {
      this.begun.push(sender);
      this.ms += tookMs;
    });
  }

  /** Sends a reading, which goes on until it is ended. */
  read(sender: string, name: string): void {
    this.#turns.take({ sender, isKnown: true, isReading: true }, (ended) => {
      this.begun.push(name);
      this.#ends.set(name, ended);
    });
  }

  end(name: string, tookMs: number): void {
    this.ms += tookMs;
    this.#ends.get(name)?.();
  }

  sendMany(sender: string, count: number, tookMs: number, isKnown = true): void {
    for (let n = 0; n < count; n += 1) this.send(sender, tookMs, isKnown);
  }

  /** Lets the event loop go round once. */
  async round(): Promise<readonly string[]> {
    const before = this.begun.length;
    await new Promise(setImmediate);
    return this.begun.slice(before);
  }
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
});
afterEach(() => jest.useRealTimers());

it('begins a sender’s requests together while nobody else is there, for 16 ms', async () => {
  const arriving = new Arriving();
  arriving.sendMany('one', 40, 1);
  const [first, second] = [await arriving.round(), await arriving.round()];
  expect(first).toHaveLength(17);
  expect(second).toHaveLength(17);
  expect(await arriving.round()).toHaveLength(6);
});

it('begins a request of another sender next, however many of one wait', async () => {
  const arriving = new Arriving();
  arriving.sendMany('many', 200, 1);
  await arriving.round();
  arriving.send('few', 1);
  expect(await arriving.round()).toContain('few');
});

it('gives the time of a round to each of two senders by turns, and 2 ms to the round', async () => {
  const arriving = new Arriving();
  arriving.sendMany('a', 20, 1);
  arriving.sendMany('b', 20, 1);
  expect(await arriving.round()).toEqual(['a', 'b', 'a']);
});

it('lets a sender pause longer than its requests took, while another is there', async () => {
  const arriving = new Arriving();
  arriving.send('few', 1);
  arriving.sendMany('many', 40, 3);
  expect(await arriving.round()).toEqual(['few', 'many']);
  // Of four milliseconds it took two, by the number of requests.
  expect(await arriving.round()).toEqual(['many']);
  expect(await arriving.round()).toEqual([]);
  arriving.send('few', 1);
  expect(await arriving.round()).toEqual(['few']);
  // A quarter longer than its three milliseconds.
  jest.advanceTimersByTime(3);
  expect(await arriving.round()).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(await arriving.round()).toEqual(['many']);
});

it('lets nobody pause beside a sender without a known key, such as a probe', async () => {
  const arriving = new Arriving();
  arriving.send('probe', 1, false);
  arriving.sendMany('many', 40, 3);
  await arriving.round();
  for (let round = 0; round < 3; round += 1) expect(await arriving.round()).not.toEqual([]);
});

it('lets a sender without a known key pause three times as long beside one with one', async () => {
  const arriving = new Arriving();
  arriving.send('known', 1);
  arriving.sendMany('unknown', 40, 3, false);
  await arriving.round();
  // Of four milliseconds it took two, and paused for the other two.
  expect(await arriving.round()).toEqual([]);
  jest.advanceTimersByTime(3);
  expect(await arriving.round()).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(await arriving.round()).toEqual(['unknown']);
});

it('answers 16 readings of a sender at once while nobody else is there', async () => {
  const arriving = new Arriving();
  for (let n = 0; n < 40; n += 1) arriving.read('one', `r${n}`);
  expect(await arriving.round()).toHaveLength(16);
  expect(await arriving.round()).toEqual([]);
  arriving.end('r3', 5);
  expect(await arriving.round()).toEqual(['r16']);
});

it('answers one reading at a time while another is there, and then pauses longer', async () => {
  const arriving = new Arriving();
  arriving.send('few', 1);
  for (let n = 0; n < 4; n += 1) arriving.read('many', `r${n}`);
  expect(await arriving.round()).toEqual(['few', 'r0']);
  expect(await arriving.round()).toEqual([]);
  arriving.end('r0', 7);
  expect(await arriving.round()).toEqual([]);
  jest.advanceTimersByTime(8);
  expect(await arriving.round()).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(await arriving.round()).toEqual(['r1']);
  // It is ended once, whatever tells so.
  arriving.end('r0', 0);
  expect(await arriving.round()).toEqual([]);
});

it('lets the sender of short readings pause for them together', async () => {
  const arriving = new Arriving();
  arriving.send('few', 1);
  for (let n = 0; n < 8; n += 1) arriving.read('many', `r${n}`);
  await arriving.round();
  for (let n = 0; n < 3; n += 1) {
    arriving.end(`r${n}`, 0.24);
    expect(await arriving.round()).toEqual([`r${n + 1}`]);
  }
  arriving.end('r3', 0.24);
  expect(await arriving.round()).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(await arriving.round()).toEqual(['r4']);
});

it('lets a reading that waits long keep the others of its sender for 100 ms alone', async () => {
  const arriving = new Arriving();
  arriving.send('few', 1);
  arriving.read('many', 'waits');
  arriving.read('many', 'next');
  await arriving.round();
  arriving.ms += 100;
  jest.advanceTimersByTime(100);
  expect(await arriving.round()).toEqual([]);
  jest.advanceTimersByTime(125);
  expect(await arriving.round()).toEqual(['next']);
});

it('begins more than a round takes in the next one, and not one by one', async () => {
  const arriving = new Arriving();
  arriving.sendMany('one', 200, 0.01);
  const rounds = [await arriving.round(), await arriving.round(), await arriving.round()];
  expect(rounds.map(({ length }) => length)).toEqual([64, 64, 64]);
});

it('begins each request once, and all of them in the end', async () => {
  const arriving = new Arriving();
  for (const sender of ['a', 'b', 'c']) arriving.sendMany(sender, 100, 0.3);
  for (let round = 0; arriving.begun.length < 300 && round < 2_000; round += 1) {
    await arriving.round();
    jest.advanceTimersByTime(1);
  }
  await arriving.round();
  const sorted = arriving.begun.toSorted();
  expect(sorted).toEqual(['a', 'b', 'c'].flatMap((sender) => Array<string>(100).fill(sender)));
});

it('refuses a sender with a quarter of all that may wait, and no other', () => {
  const arriving = new Arriving();
  arriving.sendMany('many', maxWaitingOfOne, 1);
  const unavailable = expect.objectContaining({ code: 'unavailable' }) as Error;
  expect(() => arriving.send('many', 1)).toThrow(unavailable);
  expect(() => arriving.send('few', 1)).not.toThrow();
});
