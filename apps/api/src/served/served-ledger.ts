import {
  LedgerQuestion,
  NotCaughtUpError,
  type Answer,
  type Clock,
  type Fence,
  type LedgerNode,
  type LedgerQuery,
  type LedgerReader,
  type OpenedLedger,
  type Outcome,
  type TimedLine,
  type WriterTerm,
} from '@penalty-ledger/application';
import type { Position } from '@penalty-ledger/event-store';
import type { CommandLine } from '@penalty-ledger/ledger';
import { ApiProblem } from '../http/problems/api-problem.js';
import { Followers } from './followers.js';
import { GatheredCommands } from './gathered-commands.js';

/**
 * The length of the queue from which on commands are refused: some tenths of a second of disk work.
 */
export const maxQueued = 1024;

/** The part of it that one sender may fill: a quarter, so that it keeps nobody else out. */
export const maxQueuedOfOne = maxQueued / 4;

/** The lines of an import that come into the queue at once; then other imports have their turn. */
const linesAtOnce = 32;

const tooMany = { en: 'too many commands wait', zh: '等待处理的指令过多' };
const tooManyOfOne = {
  en: `${maxQueuedOfOne} commands of yours wait already`,
  zh: `您已有 ${maxQueuedOfOne} 条指令在等待处理`,
};

/** The longest a request waits for a position to be reached. */
export const maxWaitMs = 5_000;

/** Events that read models may be behind before a node is taken out of service. */
export const maxLag = 100_000;

/** Measures and traces the commands that go to the ledger. */
export interface CommandObservers {
  readonly metrics: {
    /** Measures how long commands that were handed over together take. */
    timeCommands<T>(commands: number, work: () => Promise<T>): Promise<T>;
  };
  readonly tracing: {
    /** Runs a step within a span of its own, with facts that hold no id, name or text. */
    step<T>(
      name: string,
      facts: Readonly<Record<string, number>>,
      work: (note: (facts: Readonly<Record<string, number>>) => void) => Promise<T>,
    ): Promise<T>;
  };
}

/** The ledger as the routes see it: commands in, answers out, and how busy it is. */
export class ServedLedger {
  #isClosing = false;
  readonly #closers = new Set<() => void>();
  readonly #gathered = new GatheredCommands(
    (lines) => this.#handle(lines),
    { all: maxQueued, ofOneSender: maxQueuedOfOne, untilImportsWait: maxQueued / 2 },
    () => this.#letIn(),
  );
  /** Imports that wait for room, each with its next lines. */
  readonly #waiting: { readonly lines: number; readonly enter: () => void }[] = [];
  /** The last batch of each sender's imports, until its lines are in the queue. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #term: Promise<WriterTerm> | undefined;

  constructor(
    readonly node: LedgerNode,
    readonly clock: Clock,
    private readonly observers: CommandObservers,
    readonly followers = new Followers(),
  ) {}

  /** The reading side: the same for as long as the service runs, whatever this node's role. */
  get reader(): LedgerReader {
    return this.node.reading.reader;
  }

  /**
   * The writing side, which takes commands and signs.
   *
   * @throws ApiProblem `not_the_writer` while another node has the lease, `fenced` once another
   *   machine took over
   */
  writer(): OpenedLedger {
    const { fenced, writer } = this.node;
    if (writer !== undefined) return writer;
    if (fenced !== undefined) throw fencedProblem(fenced);
    // After a third of a term the lease was renewed, or another node has checked it.
    const retryAfter = Math.ceil(this.node.identity.termMs / 3_000);
    throw new ApiProblem('not_the_writer', undefined, { retryAfter });
  }

  /**
   * The term of the writer, and the event with which it began. On a SQLite file it cannot change
   * while the service runs, because a promotion needs the file's lock.
   */
  term(): Promise<WriterTerm> {
    this.#term ??= this.reader.events.term();
    return this.#term;
  }

  /** Commands taken and not answered yet. */
  get queued(): number {
    return this.#gathered.size;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Takes no more commands. Those it took are answered. */
  beginClosing(): void {
    this.#isClosing = true;
    for (const close of this.#closers) close();
  }

  /** Registers what ends an answer that would go on for ever, such as a feed. */
  onClosing(close: () => void): void {
    this.#closers.add(close);
  }

  offClosing(close: () => void): void {
    this.#closers.delete(close);
  }

  /**
   * Sends a command in its sender's turn.
   *
   * @param sender whose commands take turns with those of the others (`senderName`)
   * @throws ApiProblem as {@link assertRoom}
   */
  async send(sender: string, line: CommandLine, expectedRevision?: number): Promise<Outcome> {
    this.assertRoom(sender);
    const timed = {
      line,
      now: this.clock.now(),
      ...(expectedRevision !== undefined && { expectedRevision }),
    };
    return this.observers.tracing.step(
      `command ${line.command.command}`,
      { 'ledger.commands': 1 },
      async (note) => {
        const outcome = await this.#gathered.send(sender, timed);
        note({ 'ledger.refused': outcome.status === 'rejected' ? 1 : 0 });
        return outcome;
      },
    );
  }

  /**
   * Sends lines of a stream that has begun, but waits while the queue is full. Calls may overlap;
   * those of one sender take their turn, so that a stream's batches keep their order.
   */
  sendNext(sender: string, lines: readonly TimedLine[]): Promise<readonly Outcome[]> {
    const before = this.#turns.get(sender) ?? Promise.resolve();
    const entered = before.then(() => this.#queueAll(sender, lines));
    const turn = entered
      .catch(() => undefined)
      .finally(() => {
        if (this.#turns.get(sender) === turn) this.#turns.delete(sender);
      });
    this.#turns.set(sender, turn);
    return this.observers.tracing.step(
      'commands',
      { 'ledger.commands': lines.length },
      async (note) => {
        const outcomes = await Promise.all(await entered);
        note({ 'ledger.refused': outcomes.filter(({ status }) => status === 'rejected').length });
        return outcomes;
      },
    );
  }

  #handle(lines: readonly TimedLine[]): Promise<readonly Outcome[]> {
    return this.observers.metrics.timeCommands(lines.length, async () => {
      const { ledger, send } = this.writer();
      const outcomes = await send(lines);
      await this.followers.mayAcknowledge(ledger.position);
      return outcomes;
    });
  }

  /**
   * Puts lines into the queue as there is room, some at a time, and returns their outcomes to come.
   * A batch that was begun goes to its end: its sender learns of each line.
   */
  async #queueAll(
    sender: string,
    lines: readonly TimedLine[],
  ): Promise<readonly Promise<Outcome>[]> {
    this.#assertTaking();
    const outcomes: Promise<Outcome>[] = [];
    for (let from = 0; from < lines.length; from += linesAtOnce) {
      const some = lines.slice(from, from + linesAtOnce);
      await new Promise<void>((entered) => {
        const enter = (): void => {
          for (const line of some) {
            const outcome = this.#gathered.sendLine(sender, line);
            // It is thrown to whom waits for the batch.
            outcome.catch(() => undefined);
            outcomes.push(outcome);
          }
          entered();
        };
        this.#waiting.push({ lines: some.length, enter });
        this.#letIn();
      });
    }
    return outcomes;
  }

  /** Lets lines of imports in while there is room, the first to come first. */
  #letIn(): void {
    for (
      let [first] = this.#waiting;
      first !== undefined && this.#gathered.hasRoomForLines(first.lines);
      [first] = this.#waiting
    ) {
      this.#waiting.shift();
      first.enter();
    }
  }

  /**
   * @param sender who is to have room; left out: anybody
   * @throws ApiProblem `unavailable` when too many wait, or the service is closing;
   *   `not_the_writer`, `fenced`, `not_followed`
   */
  assertRoom(sender?: string): void {
    this.#assertTaking();
    if (this.queued >= maxQueued) throw new ApiProblem('unavailable', tooMany);
    if (sender !== undefined && !this.#gathered.hasRoom(sender))
      throw new ApiProblem('unavailable', tooManyOfOne);
  }

  #assertTaking(): void {
    if (this.#isClosing)
      throw new ApiProblem('unavailable', { en: 'the service is closing', zh: '服务正在停止' });
    this.writer();
    this.followers.assertFollowed();
  }

  /**
   * Counts acknowledged events that the read models do not hold yet, up to {@link maxLag}. A query
   * takes them in before it is answered.
   */
  lagEvents(): Promise<number> {
    return this.reader.lagEvents(maxLag);
  }

  /** Answers a query of interchange §3. */
  ask(query: LedgerQuery): Promise<Answer> {
    return this.node.reading.queries.execute(new LedgerQuestion(query));
  }

  /**
   * Waits until the read models hold a position that a command was answered with, here or on
   * another node.
   *
   * @throws ApiProblem `not_caught_up` after {@link maxWaitMs}
   */
  async waitFor(position: Position): Promise<void> {
    try {
      await this.reader.atLeast(position, maxWaitMs);
    } catch (error) {
      if (error instanceof NotCaughtUpError)
        throw new ApiProblem('not_caught_up', error.inBoth, { retryAfter: 1 });
      throw error;
    }
  }
}

/** Says where commands go now. */
export function fencedProblem({ term, writer }: Fence): ApiProblem {
  const [en, zh] = writer === '' ? ['another machine', '另一台机器'] : [writer, writer];
  return new ApiProblem(
    'fenced',
    { en: `${en} took over in term ${term}`, zh: `${zh} 已在第 ${term} 任期接管` },
    { retryAfter: 60, members: { term, ...(writer !== '' && { writer }) } },
  );
}
