import { LedgerNode, type Clock, type NodeNotice, type Outcome } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { Webhooks } from '@penalty-ledger/application/webhooks';
import { instantOf, readCommandLine, type CommandLine } from '@penalty-ledger/ledger';
import { DeadlineWatch, type DeadlineSource } from '../../apps/api/src/webhooks/deadline-watch.js';
import { WebhookDelivery } from '../../apps/api/src/webhooks/webhook-delivery.js';
import { currentDisk } from '../power-loss/current-disk.js';
import { dropConnections } from '../power-loss/simulated-sqlite.js';
import type { SentCommand } from './commands.js';
import { currentTime, processCalled, type Process } from './virtual-time.js';

/** The term of the lease: the shortest that a service takes. */
export const termMs = 6_000;

/** The instant at which a run begins. */
const startMs = Date.UTC(2019, 6, 1);

/** The interval of the service's regular work. */
const tickMs = 5_000;

/** No webhook here asks for deadlines. */
const noDeadlines = {} as DeadlineSource;

/** One run of the program on one machine: a ledger's node, and the webhooks beside it. */
export class SimulatedNode {
  readonly process: Process;
  readonly clock: Clock;
  /** The errors that the service would log. */
  readonly errors: unknown[] = [];
  readonly notices: NodeNotice[] = [];
  readonly #access: string;
  #node: LedgerNode | undefined;
  #delivery: WebhookDelivery | undefined;
  #isEnding = false;
  #failure: unknown;

  constructor(
    readonly name: string,
    run: number,
    readonly url: string,
    access: string,
  ) {
    this.process = processCalled(`${name}#${String(run)}`);
    this.#access = access;
    const { process } = this;
    this.clock = { now: () => instantOf(startMs + currentTime().nowMs + process.clockAheadMs) };
  }

  /** The node, once it is open. */
  get node(): LedgerNode | undefined {
    return this.#node;
  }

  /** True when it could not open the ledger, or stopped for good: it has to be started again. */
  get isFailed(): boolean {
    const writer = this.#node?.writer;
    const isStopped = writer !== undefined && !writer.ledger.isRunning;
    return this.#failure !== undefined || isStopped;
  }

  /** True when it is open, and not about to end. */
  get isServing(): boolean {
    return this.#node !== undefined && !this.#isEnding && !this.isFailed;
  }

  /** Its state, for messages. */
  get state(): string {
    const ended = this.#node?.writingEnded;
    return `${this.name} is ${this.#node?.role ?? 'opening'}${ended ? ` (${ended.message})` : ''}`;
  }

  /** Begins to open the ledger, as the program does when it is started. */
  async start(): Promise<void> {
    await currentTime().as(this.process, () => {
      this.#open().catch((error: unknown) => {
        this.#failure = error;
      });
    });
  }

  /** Sends commands together; without outcomes where the node takes none now. */
  send(
    sent: readonly SentCommand[],
  ): Promise<{ readonly outcomes: Promise<readonly Outcome[]> | undefined }> {
    return currentTime().as(this.process, () => {
      const writer = this.#node?.writer;
      if (writer === undefined || this.#isEnding) return { outcomes: undefined };
      const now = this.clock.now();
      const outcomes = writer.send(sent.map((each) => ({ line: lineOf(each), now })));
      // Without an answer its sender knows nothing, and may send it again.
      outcomes.catch(() => undefined);
      return { outcomes };
    });
  }

  /** Ends at once, as by SIGKILL. */
  kill(): void {
    this.process.isAlive = false;
    currentDisk().withoutEffect(() => {
      dropConnections(this.process);
    });
  }

  /** Begins to end in good order. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await currentTime().as(this.process, () => {
      this.#close().catch((error: unknown) => this.errors.push(error));
    });
  }

  async #open(): Promise<void> {
    const node = await LedgerNode.open({
      url: this.url,
      simulation: false,
      clock: this.clock,
      node: { holder: this.process.name, termMs },
      onNotice: (notice) => {
        this.notices.push(notice);
        if (notice.kind === 'role') this.#refresh();
      },
    });
    this.#node = node;
    const { reader } = node.reading;
    const file = AccessFile.open(this.#access);
    const webhooks = new Webhooks(file, { allowPrivate: false });
    const onError = (error: unknown): void => void this.errors.push(error);
    const { clock } = this;
    this.#delivery = new WebhookDelivery({
      events: reader.events,
      webhooks,
      deadlines: new DeadlineWatch({
        source: noDeadlines,
        notified: webhooks.notified,
        clock,
        onError,
      }),
      origin: { ledgerId: reader.settings.ledgerId, simulation: false, zone: reader.zone },
      clock,
      isDelivering: () => node.role === 'writer',
      onError,
    });
    this.#refresh();
    const tick = setInterval(() => {
      if (this.#isEnding) clearInterval(tick);
      node.writer?.ledger.advanceTo(clock.now()).catch(onError);
      this.#refresh();
    }, tickMs);
  }

  #refresh(): void {
    if (this.#isEnding) return;
    this.#delivery?.refresh().catch((error: unknown) => this.errors.push(error));
  }

  async #close(): Promise<void> {
    await this.#delivery?.stop();
    await this.#node?.close();
    this.process.isAlive = false;
    dropConnections(this.process);
  }
}

function lineOf(sent: SentCommand): CommandLine {
  const read = readCommandLine(sent);
  if (read.problems !== undefined) throw new Error(read.problems.join('; '));
  return read.line;
}
