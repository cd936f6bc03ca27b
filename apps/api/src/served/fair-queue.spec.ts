import fc from 'fast-check';
import { FairQueue } from './fair-queue.js';

const bounds = { all: 40, ofOneSender: 12, takenOfOneSender: 3 };
const senders = ['a', 'b', 'c', 'd', 'e'] as const;

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.constantFrom(...senders) }) },
    { weight: 2, arbitrary: fc.constant('take' as const) },
    { weight: 2, arbitrary: fc.record({ done: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ hold: fc.constantFrom(...senders) }) },
    { weight: 1, arbitrary: fc.record({ release: fc.constantFrom(...senders) }) },
  ),
  { maxLength: 200 },
);

type Step =
  | 'take'
  | { readonly push: string }
  | { readonly done: number }
  | { readonly hold: string }
  | { readonly release: string };

/** An account of the items that each sender put in, got out and has under way. */
class Books {
  readonly queue = new FairQueue<number>(bounds);
  readonly pushed = new Map<string, number[]>();
  readonly taken = new Map<string, number[]>();
  readonly underWay: string[] = [];
  readonly held = new Set<string>();
  #next = 0;

  waitingOf(sender: string): number {
    return (this.pushed.get(sender)?.length ?? 0) - (this.taken.get(sender)?.length ?? 0);
  }

  underWayOf(sender: string): number {
    return this.underWay.filter((each) => each === sender).length;
  }

  push(sender: string): void {
    if (!this.queue.hasRoom(sender)) return;
    this.queue.push(sender, this.#next);
    this.pushed.set(sender, [...(this.pushed.get(sender) ?? []), this.#next++]);
  }

  take(): string | undefined {
    const found = this.queue.take();
    if (found === undefined) return undefined;
    const { sender, item } = found;
    this.taken.set(sender, [...(this.taken.get(sender) ?? []), item]);
    this.underWay.push(sender);
    return sender;
  }

  done(at: number): void {
    const [sender] = this.underWay.splice(at % Math.max(1, this.underWay.length), 1);
    if (sender !== undefined) this.queue.done(sender);
  }

  hold(sender: string): void {
    this.queue.hold(sender);
    this.held.add(sender);
  }

  release(sender: string): void {
    this.queue.release(sender);
    this.held.delete(sender);
  }

  do(step: Step): string | undefined {
    if (step === 'take') return this.take();
    if ('push' in step) this.push(step.push);
    else if ('done' in step) this.done(step.done);
    else if ('hold' in step) this.hold(step.hold);
    else this.release(step.release);
    return undefined;
  }

  /** Those that may be taken from. */
  ready(): readonly string[] {
    return senders.filter(
      (sender) =>
        !this.held.has(sender) &&
        this.waitingOf(sender) > 0 &&
        this.underWayOf(sender) < bounds.takenOfOneSender,
    );
  }
}

it('loses and doubles nothing, keeps each sender’s order, and stays within its bounds', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const books = new Books();
      for (const step of all) {
        books.do(step);
        const { queue } = books;
        const counts = senders.map((sender) => books.waitingOf(sender) + books.underWayOf(sender));
        expect(senders.map((sender) => queue.sizeOf(sender))).toEqual(counts);
        expect(queue.size).toBe(counts.reduce((sum, each) => sum + each, 0));
        expect(queue.size).toBeLessThanOrEqual(bounds.all);
        expect(Math.max(...counts)).toBeLessThanOrEqual(bounds.ofOneSender);
        expect(queue.isReady).toBe(books.ready().length > 0);
      }
      for (const sender of senders) books.release(sender);
      while (books.queue.size > 0) if (books.take() === undefined) books.done(0);
      expect(books.taken).toEqual(books.pushed);
    }),
  );
});

it('takes from each other sender once at most while a sender waits that may be taken from', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const books = new Books();
      const passedBy = new Map<string, string[]>();
      for (const step of all) {
        if (step === 'take') {
          const ready = books.ready();
          const taken = books.do(step);
          expect(taken === undefined).toBe(ready.length === 0);
          for (const sender of ready) {
            const others = passedBy.get(sender) ?? [];
            if (sender === taken) passedBy.delete(sender);
            else passedBy.set(sender, [...others, taken!]);
          }
          for (const others of passedBy.values()) expect(new Set(others).size).toBe(others.length);
        } else books.do(step);
      }
    }),
  );
});

it('costs one sender no wait: all its items come out at once, in order', () => {
  const queue = new FairQueue<number>({ all: 9, ofOneSender: 9, takenOfOneSender: 9 });
  for (let item = 0; item < 9; item += 1) queue.push('a', item);
  const items = Array.from({ length: 9 }, () => queue.take()?.item);
  expect(items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it('refuses an item without room, and an end of what was not taken', () => {
  const queue = new FairQueue<number>({ all: 3, ofOneSender: 2, takenOfOneSender: 1 });
  queue.push('a', 1);
  queue.push('a', 2);
  expect(() => queue.push('a', 3)).toThrow(RangeError);
  queue.push('b', 4);
  expect(() => queue.push('c', 5)).toThrow(RangeError);
  expect(() => queue.done('a')).toThrow(RangeError);
});
