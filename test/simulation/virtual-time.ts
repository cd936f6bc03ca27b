/** A program on a machine of its own: its timers, its clock, and the answers it waits for. */
export interface Process {
  readonly name: string;
  isAlive: boolean;
  /** It stands still until then: nothing of it runs, and its timers fire when it goes on. */
  stoppedUntilMs: number;
  /** The distance of its clock from the simulation's time. */
  clockAheadMs: number;
}

export function processCalled(name: string): Process {
  return { name, isAlive: true, stoppedUntilMs: 0, clockAheadMs: 0 };
}

/** Something that runs at an instant; doubles as the handle that timers of Node.js give. */
export class Task {
  isPending = true;

  constructor(
    private readonly time: VirtualTime,
    readonly process: Process,
    readonly label: string,
    public dueMs: number,
    public order: number,
    readonly delayMs: number,
    readonly run: () => void,
  ) {}

  /** Begins the wait anew, as the timers of Node.js do. */
  refresh(): this {
    this.time.begin(this);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** Kept from before the timers are replaced. */
const nextTurn = setImmediate;

/**
 * The time of one simulated run. Everything that waits is a task here; the next in time runs, with
 * all that follows from it without waiting, and then the next. So one run is one order of events,
 * and the same run has the same order.
 */
export class VirtualTime {
  nowMs = 0;
  /** The process whose task runs. */
  current: Process;
  /** Each task that ran, with its instant. */
  readonly trace: string[] = [];
  readonly #tasks = new Set<Task>();
  #order = 0;

  constructor(outside: Process) {
    this.current = outside;
  }

  after(delayMs: number, label: string, run: () => void, process = this.current): Task {
    const waitMs = Math.max(0, Math.ceil(delayMs));
    const task = new Task(this, process, label, 0, 0, waitMs, run);
    this.begin(task);
    return task;
  }

  begin(task: Task): void {
    task.isPending = true;
    task.dueMs = this.nowMs + task.delayMs;
    task.order = this.#order += 1;
    this.#tasks.add(task);
  }

  cancel(task: Task): void {
    task.isPending = false;
    this.#tasks.delete(task);
  }

  /** Runs work as a process does it, and what follows from it without waiting. */
  async as<Result>(process: Process, work: () => Result): Promise<Result> {
    const before = this.current;
    this.current = process;
    try {
      const result = work();
      await this.#settled();
      return result;
    } finally {
      this.current = before;
    }
  }

  /** Lets time pass; also stops when `isOver` says so. */
  async pass(ms: number, isOver: () => boolean = () => false): Promise<void> {
    const untilMs = this.nowMs + ms;
    while (!isOver()) {
      const task = this.#next();
      if (task === undefined || dueOf(task) > untilMs) {
        this.nowMs = untilMs;
        return;
      }
      await this.#run(task);
    }
  }

  async #run(task: Task): Promise<void> {
    this.cancel(task);
    this.nowMs = Math.max(this.nowMs, dueOf(task));
    this.trace.push(`${String(this.nowMs)} ${task.process.name} ${task.label}`);
    await this.as(task.process, task.run);
  }

  #next(): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) {
      if (!task.process.isAlive) this.#tasks.delete(task);
      else if (first === undefined || isBefore(task, first)) first = task;
    }
    return first;
  }

  /** Everything that waits for nothing but the event loop has run. */
  #settled(): Promise<void> {
    return new Promise((resolve) => nextTurn(resolve));
  }
}

function dueOf({ dueMs, process }: Task): number {
  return Math.max(dueMs, process.stoppedUntilMs);
}

function isBefore(one: Task, other: Task): boolean {
  const difference = dueOf(one) - dueOf(other);
  return (difference || one.dueMs - other.dueMs || one.order - other.order) < 0;
}

let now = new VirtualTime(processCalled('outside'));

/** The time that timers are set on now. */
export function currentTime(): VirtualTime {
  return now;
}

/** Begins another run. Whatever waits on the time before it waits for ever. */
export function useTime(time: VirtualTime): void {
  now = time;
}
