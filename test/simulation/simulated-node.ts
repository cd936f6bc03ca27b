import {
  LedgerNode,
  openReader,
  type Clock,
  type LedgerReader,
  type NodeNotice,
  type OpenedLedger,
  type OpenedReader,
  type Outcome,
} from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { Webhooks, WebhookSecrets } from '@penalty-ledger/application/webhooks';
import { instantOf, readCommandLine, type CommandLine } from '@penalty-ledger/ledger';
import type { AgencySource } from '../../apps/api/src/webhooks/agency-watch.js';
import { deadlineWatch } from '../../apps/api/src/webhooks/deadline-watch.js';
import { outlookWatch } from '../../apps/api/src/webhooks/outlook-watch.js';
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

/** No webhook here asks for deadlines or months. */
const noSource = {} as AgencySource<never>;

/** One run of the program on one machine: a ledger's node, and the webhooks beside it. */
export class SimulatedNode {
  readonly process: Process;
  readonly clock: Clock;
  /** The errors that the service would log. */
  readonly errors: unknown[] = [];
  readonly notices: NodeNotice[] = [];
  readonly #access: string;
  #node: LedgerNode | undefined;
  #reading: OpenedReader | undefined;
  #delivery: WebhookDelivery | undefined;
  #isEnding = false;
  #failure: unknown;

  constructor(
    readonly name: string,
    run: number,
    private readonly url: string,
    access: string,
    private readonly isReader: boolean,
  ) {
    this.process = processCalled(`${name}#${String(run)}`);
    this.#access = access;
    const { process } = this;
    this.clock = { now: () => instantOf(startMs + currentTime().nowMs + process.clockAheadMs) };
  }

  /** The side that takes commands, while it may. */
  get writer(): OpenedLedger | undefined {
    return this.#isEnding ? undefined : this.#node?.writer;
  }

  /** The side that answers, once it is open. */
  get reader(): LedgerReader | undefined {
    return this.#node?.reading.reader ?? this.#reading?.reader;
  }

  /** True when it could not open the ledger, or stopped for good: it has to be started again. */
  get isFailed(): boolean {
    const { writer } = this;
    const isStopped = writer !== undefined && !writer.ledger.isRunning;
    return this.#failure !== undefined || isStopped;
  }

  /** True when it is open, and not about to end. */
  get isServing(): boolean {
    return this.reader !== undefined && !this.#isEnding && !this.isFailed;
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
      const { writer } = this;
      if (writer === undefined) return { outcomes: undefined };
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
      this.#close()
        .catch((error: unknown) => this.errors.push(error))
        // A program that could not close everything ends all the same.
        .finally(() => {
          this.kill();
        });
    });
  }

  async #open(): Promise<void> {
    if (this.isReader) {
      this.#reading = await openReader(this.url, this.clock);
      return;
    }
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
    const webhooks = new Webhooks(file, { secrets: new WebhookSecrets(() => node.keys) });
    const onError = (error: unknown): void => void this.errors.push(error);
    const { clock } = this;
    const watching = { source: noSource, notified: webhooks.notified, clock, onError };
    this.#delivery = new WebhookDelivery({
      events: reader.events,
      webhooks,
      deadlines: deadlineWatch(watching),
      outlook: outlookWatch(watching),
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
    await this.#reading?.close();
  }
}

function lineOf(sent: SentCommand): CommandLine {
  const read = readCommandLine(sent);
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  return read.line;
}
