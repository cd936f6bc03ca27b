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
  /** Those among them that are held. */
  #heldTurns = 0;
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
    return this.#turns.length > this.#heldTurns;
  }

  hasRoom(sender: string): boolean {
    return this.#size < this.bounds.all && this.sizeOf(sender) < this.bounds.ofOneSender;
  }

  /** @throws RangeError without room */
  push(sender: string, item: Item): void {
    if (!this.hasRoom(sender)) throw new RangeError(`the queue has no room for ${sender}`);
    const lane = this.#laneOf(sender);
    lane.waiting.push(item);
    this.#size += 1;
    this.#giveTurn(lane);
  }

  /** Takes the first item of the sender whose turn it is. Tell {@link done} when it is done. */
  take(): Taken<Item> | undefined {
    const lane = this.#turns.shift();
    if (lane === undefined) return undefined;
    lane.hasTurn = false;
    if (lane.isHeld) {
      this.#heldTurns -= 1;
      return this.take();
    }
    const item = lane.waiting.shift();
    if (item === undefined) return undefined;
    lane.taken += 1;
    this.#giveTurn(lane);
    return { sender: lane.sender, item };
  }

  /** Ends an item of this sender that was taken. */
  done(sender: string): void {
    const lane = this.#lanes.get(sender);
    if (lane === undefined || lane.taken === 0)
      throw new RangeError(`nothing of ${sender} is taken`);
    lane.taken -= 1;
    this.#size -= 1;
    this.#giveTurn(lane);
    this.#forgetIdle(lane);
  }

  /** Gives this sender no turn until {@link release}. */
  hold(sender: string): void {
    const lane = this.#laneOf(sender);
    if (lane.isHeld) return;
    lane.isHeld = true;
    if (lane.hasTurn) this.#heldTurns += 1;
  }

  /** Gives a sender that was held its turns again. */
  release(sender: string): void {
    const lane = this.#lanes.get(sender);
    if (lane?.isHeld !== true) return;
    lane.isHeld = false;
    if (lane.hasTurn) this.#heldTurns -= 1;
    this.#giveTurn(lane);
    this.#forgetIdle(lane);
  }

  #laneOf(sender: string): Lane<Item> {
    const known = this.#lanes.get(sender);
    if (known !== undefined) return known;
    const lane = { sender, waiting: new Fifo<Item>(), taken: 0, hasTurn: false, isHeld: false };
    this.#lanes.set(sender, lane);
    return lane;
  }

  /** Puts a sender behind the others, where it waits for a turn, may have one, and has none yet. */
  #giveTurn(lane: Lane<Item>): void {
    if (lane.hasTurn || lane.isHeld || lane.waiting.length === 0) return;
    if (lane.taken >= this.bounds.takenOfOneSender) return;
    lane.hasTurn = true;
    this.#turns.push(lane);
  }

  #forgetIdle(lane: Lane<Item>): void {
    if (lane.taken === 0 && lane.waiting.length === 0 && !lane.isHeld)
      this.#lanes.delete(lane.sender);
  }
}

/** The items of one sender. */
interface Lane<Item> {
  readonly sender: string;
  readonly waiting: Fifo<Item>;
  taken: number;
  /** Says whether it is among those whose turn comes. */
  hasTurn: boolean;
  isHeld: boolean;
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
