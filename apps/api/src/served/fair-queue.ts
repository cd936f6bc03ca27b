/** The bounds of a {@link FairQueue}, in items that wait or are taken and not done. */
export interface FairQueueBounds {
  readonly all: number;
  readonly ofOneSender: number;
  /** Items of one sender that are taken at once; the others of that sender wait. */
  readonly takenOfOneSender: number;
}

/** An item, and who sent it. */
export interface Taken<Item> {
  readonly sender: string;
  readonly item: Item;
}

/**
 * A queue that is taken from one sender after the other: a round-robin over those whose items wait.
 * Items of one sender keep their order. However many a sender has put in, the first item of another
 * one waits for one item of each sender at most. Every step takes the same time, whatever waits.
 */
export class FairQueue<Item> {
  /** The senders that have items here. */
  readonly #lanes = new Map<string, Lane<Item>>();
  /** Those whose turn comes, each once. */
  readonly #turns = new Fifo<Lane<Item>>();
  #size = 0;

  constructor(private readonly bounds: FairQueueBounds) {}

  /** Items that wait, or are taken and not done. */
  get size(): number {
    return this.#size;
  }

  /** As {@link size}, of one sender. */
  sizeOf(sender: string): number {
    const lane = this.#lanes.get(sender);
    return lane === undefined ? 0 : lane.waiting.length + lane.taken;
  }

  /** Says whether {@link take} gives an item now. */
  get isReady(): boolean {
    return this.#turns.length > 0;
  }

  hasRoom(sender: string): boolean {
    return this.#size < this.bounds.all && this.sizeOf(sender) < this.bounds.ofOneSender;
  }

  /** @throws RangeError without room */
  push(sender: string, item: Item): void {
    if (!this.hasRoom(sender)) throw new RangeError(`the queue has no room for ${sender}`);
    const lane = this.#lanes.get(sender) ?? { sender, waiting: new Fifo(), taken: 0 };
    this.#lanes.set(sender, lane);
    lane.waiting.push(item);
    this.#size += 1;
    if (lane.waiting.length === 1) this.#giveTurn(lane);
  }

  /** Takes the first item of the sender whose turn it is. Tell {@link done} when it is done. */
  take(): Taken<Item> | undefined {
    const lane = this.#turns.shift();
    const item = lane?.waiting.shift();
    if (lane === undefined || item === undefined) return undefined;
    lane.taken += 1;
    if (lane.waiting.length > 0) this.#giveTurn(lane);
    return { sender: lane.sender, item };
  }

  /** Ends an item of this sender that was taken. */
  done(sender: string): void {
    const lane = this.#lanes.get(sender);
    if (lane === undefined || lane.taken === 0)
      throw new RangeError(`nothing of ${sender} is taken`);
    // It lost its turn when it had as many taken as it may.
    const returns = lane.taken === this.bounds.takenOfOneSender && lane.waiting.length > 0;
    lane.taken -= 1;
    this.#size -= 1;
    if (returns) this.#giveTurn(lane);
    if (lane.taken === 0 && lane.waiting.length === 0) this.#lanes.delete(sender);
  }

  #giveTurn(lane: Lane<Item>): void {
    if (lane.taken < this.bounds.takenOfOneSender) this.#turns.push(lane);
  }
}

/** The items of one sender. */
interface Lane<Item> {
  readonly sender: string;
  readonly waiting: Fifo<Item>;
  taken: number;
}

interface Link<Value> {
  readonly value: Value;
  next?: Link<Value>;
}

/** A linked list: an array would move all that follow when its first is taken. */
class Fifo<Value> {
  #first: Link<Value> | undefined;
  #last: Link<Value> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: Value): void {
    const link: Link<Value> = { value };
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#length += 1;
  }

  shift(): Value | undefined {
    const link = this.#first;
    if (link === undefined) return undefined;
    this.#first = link.next;
    if (link.next === undefined) this.#last = undefined;
    this.#length -= 1;
    return link.value;
  }
}
