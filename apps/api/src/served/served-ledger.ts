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

const tooMany = { en: 'too many commands wait', zh: '等待处理的命令过多' };

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
  #queued = 0;
  #isClosing = false;
  readonly #closers = new Set<() => void>();
  readonly #gathered = new GatheredCommands((lines) => this.#handle(lines));
  readonly #waiting: (() => void)[] = [];
  #turn: Promise<void> = Promise.resolve();
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
    return this.#queued;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Takes no more commands. Those it took are answered. */
  beginClosing(): void {
    this.#isClosing = true;
    this.#wakeWaiting();
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
   * @throws ApiProblem `unavailable` when too many wait, or the service is closing;
   *   `not_the_writer`
   */
  async send(line: CommandLine, expectedRevision?: number): Promise<Outcome> {
    const timed = {
      line,
      now: this.clock.now(),
      ...(expectedRevision !== undefined && { expectedRevision }),
    };
    return this.#whileQueued(1, () =>
      this.observers.tracing.step(
        `command ${line.command.command}`,
        { 'ledger.commands': 1 },
        async (note) => {
          const outcome = await this.#gathered.send(timed);
          note({ 'ledger.refused': outcome.status === 'rejected' ? 1 : 0 });
          return outcome;
        },
      ),
    );
  }

  /** As {@link send} for commands that came together. */
  async sendAll(lines: readonly TimedLine[]): Promise<readonly Outcome[]> {
    return this.#whileQueued(lines.length, () =>
      this.observers.tracing.step('commands', { 'ledger.commands': lines.length }, async (note) => {
        const outcomes = await this.#handle(lines);
        note({ 'ledger.refused': outcomes.filter(({ status }) => status === 'rejected').length });
        return outcomes;
      }),
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

  async #whileQueued<T>(commands: number, work: () => Promise<T>): Promise<T> {
    this.assertRoom();
    this.#queued += commands;
    try {
      return await work();
    } finally {
      this.#queued -= commands;
      this.#wakeWaiting();
    }
  }

  /**
   * Sends lines of a stream that has begun, as {@link sendAll} does, but waits while the queue is
   * full. Calls may overlap; each takes its turn, so that a stream's batches keep their order.
   */
  sendNext(lines: readonly TimedLine[]): Promise<readonly Outcome[]> {
    const turn = this.#turn.then(() => this.#untilRoom());
    this.#turn = turn;
    return turn.then(() => this.sendAll(lines));
  }

  async #untilRoom(): Promise<void> {
    while (this.#queued >= maxQueued && !this.#isClosing)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wakeWaiting(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** @throws ApiProblem `unavailable`, `not_the_writer`, `fenced`, `not_followed` */
  assertRoom(): void {
    if (this.#isClosing)
      throw new ApiProblem('unavailable', { en: 'the service is closing', zh: '服务正在停止' });
    this.writer();
    this.followers.assertFollowed();
    if (this.#queued >= maxQueued) throw new ApiProblem('unavailable', tooMany);
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
        throw new ApiProblem('not_caught_up', { ledger: error.message }, { retryAfter: 1 });
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
