import { performance } from 'node:perf_hooks';
import type { CheckNote, NotedCheck } from '@penalty-ledger/application/check-notes';
import type { CommittedGroup } from '@penalty-ledger/event-store';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import type { ScrubReport } from '../scrub-report.js';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * The sources that are read with the metrics. Each may throw while its part is not there; its
 * metric is then left out.
 */
export interface MetricSources {
  /** Events that are recorded and not yet in the read models. */
  readonly readModelLagEvents: () => number | Promise<number>;
  /** The numbers that wait, by the queue's name: `commands`, `access_log`, `pending_acts`. */
  readonly queueDepths: () => Readonly<Record<string, number>>;
  /** The scrub of the read models. */
  readonly readModelsScrub: () => ScrubReport;
  /** The number of streams in which damage was met. */
  readonly damagedStreams: () => number;
  /** Says whether this node takes commands and signs. */
  readonly isWriter: () => boolean;
  /** The last check of a kind that was run beside the service; `undefined` when there was none. */
  readonly lastCheck: (kind: NotedCheck) => CheckNote | undefined;
  /** Counts the alarms that stand, by code, on an engine that has tripwires. */
  readonly tripwireAlarms: () => Readonly<Record<string, number>>;
  /** The end of the own certificate's validity; `undefined` where the service has none. */
  readonly certificateExpiresAt: () => string | undefined;
  /** Entries of the access log that wait for its second place; `undefined` where it has none. */
  readonly accessCopyLag: () => number | undefined;
  /** The events that each copy lacks that follows at the moment. */
  readonly followerLags: () => Promise<readonly number[]>;
}

/** One request, as it was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /**
   * The route's template (`/agencies/:agencyId/balance`), `undefined` when no route fitted. Never
   * the address as sent.
   */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** Below a durable append (0.1 ms) to a client's patience. */
const latencyBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const groupBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * The metrics of one service, in a registry of its own. Labels are names of our own code
 * (templates, methods, statuses, verdicts). They hold no id, no name and nothing that a sender
 * chose, so no label is personal and no sender can make new series.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #commandSeconds;
  readonly #commandsTogether;
  readonly #appendSeconds;
  readonly #groupSize;
  readonly #appended;
  readonly #requestSeconds;

  /**
   * @param withProcess also memory, CPU, event loop and garbage collection of this process, which
   *   keeps observers running
   */
  constructor(sources: MetricSources, withProcess = false) {
    const registers = [this.#registry];
    this.#commandSeconds = new Histogram({
      name: 'penalty_ledger_command_seconds',
      help: 'From handing commands to the ledger to their durable outcome.',
      buckets: latencyBuckets,
      registers,
    });
    this.#commandsTogether = new Histogram({
      name: 'penalty_ledger_commands_together',
      help: 'Commands that were handed to the ledger together.',
      buckets: groupBuckets,
      registers,
    });
    this.#appendSeconds = new Histogram({
      name: 'penalty_ledger_append_seconds',
      help: 'How long the store took to make a group of appends durable.',
      buckets: latencyBuckets,
      registers,
    });
    this.#groupSize = new Histogram({
      name: 'penalty_ledger_append_group_size',
      help: 'Appends that the store made durable in one go.',
      buckets: groupBuckets,
      registers,
    });
    this.#appended = new Counter({
      name: 'penalty_ledger_appended_events_total',
      help: 'Events that the store made durable since the start.',
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: 'penalty_ledger_http_request_seconds',
      help: 'HTTP requests, from their arrival to the end of the answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: latencyBuckets,
      registers,
    });
    new Gauge({
      name: 'penalty_ledger_check_timestamp_seconds',
      help: 'When the last check of a kind ended, by its verdict: seconds since 1 January 1970.',
      labelNames: ['check', 'verdict'],
      registers,
      async collect() {
        this.reset();
        for (const { check, note } of await lastChecks(sources))
          this.set(
            { check, verdict: note.holds ? 'intact' : 'damaged' },
            epochMsOf(note.at) / 1_000,
          );
      },
    });
    new Gauge({
      name: 'penalty_ledger_check_events',
      help: 'Events that the last check of a kind looked at.',
      labelNames: ['check'],
      registers,
      async collect() {
        this.reset();
        for (const { check, note } of await lastChecks(sources)) this.set({ check }, note.events);
      },
    });
    new Gauge({
      name: 'penalty_ledger_check_events_per_second',
      help: 'The speed of the last check of a kind; of a replay, how fast events were folded.',
      labelNames: ['check'],
      registers,
      async collect() {
        this.reset();
        for (const { check, note } of await lastChecks(sources))
          if (note.seconds > 0) this.set({ check }, note.events / note.seconds);
      },
    });
    new Gauge({
      name: 'penalty_ledger_tripwire_alarms',
      help: 'Alarms that stand: what could take events away from the engine, by code.',
      labelNames: ['code'],
      registers,
      async collect() {
        this.reset();
        for (const [code, count] of Object.entries(await readOr(sources.tripwireAlarms, {})))
          this.set({ code }, count);
      },
    });
    new Gauge({
      name: 'penalty_ledger_damaged_streams',
      help: 'Streams in which damage was met since the start; what needs them is refused.',
      registers,
      async collect() {
        this.set(await readOr(sources.damagedStreams, NaN));
      },
    });
    new Gauge({
      name: 'penalty_ledger_read_model_lag_events',
      help: 'Events recorded and not yet in the read models.',
      registers,
      async collect() {
        this.set(await readOr(sources.readModelLagEvents, NaN));
      },
    });
    new Gauge({
      name: 'penalty_ledger_read_model_pages_checked',
      help: 'Pages of the read models that were compared with their sums since the start.',
      registers,
      async collect() {
        this.set((await scrubOf(sources)).pagesChecked);
      },
    });
    new Gauge({
      name: 'penalty_ledger_read_model_scrub_timestamp_seconds',
      help: 'When the last pass over all pages ended: seconds since 1 January 1970.',
      labelNames: [],
      registers,
      async collect() {
        this.reset();
        const { lastPass } = await scrubOf(sources);
        if (lastPass !== undefined) this.set(epochMsOf(lastPass as Instant) / 1_000);
      },
    });
    new Gauge({
      name: 'penalty_ledger_read_model_rebuilds',
      help: 'Rebuilds of damaged read models since the start.',
      registers,
      async collect() {
        this.set((await scrubOf(sources)).rebuilds);
      },
    });
    new Gauge({
      name: 'penalty_ledger_queue_depth',
      help: 'What waits, by queue.',
      labelNames: ['queue'],
      registers,
      async collect() {
        this.reset();
        for (const [queue, depth] of Object.entries(await readOr(sources.queueDepths, {})))
          this.set({ queue }, depth);
      },
    });
    new Gauge({
      name: 'penalty_ledger_is_writer',
      help: 'Whether this node takes commands and signs: 1, or 0 while it only answers.',
      registers,
      async collect() {
        this.set((await readOr(sources.isWriter, false)) ? 1 : 0);
      },
    });
    new Gauge({
      name: 'penalty_ledger_certificate_expiry_timestamp_seconds',
      help: "When the service's own certificate expires: seconds since 1 January 1970.",
      labelNames: [],
      registers,
      async collect() {
        this.reset();
        const at = await readOr(sources.certificateExpiresAt, undefined);
        if (at !== undefined) this.set(epochMsOf(at as Instant) / 1_000);
      },
    });
    new Gauge({
      name: 'penalty_ledger_access_log_copy_lag_entries',
      help: 'Entries of the access log that its second place does not have yet.',
      labelNames: [],
      registers,
      async collect() {
        this.reset();
        const lag = await readOr(sources.accessCopyLag, undefined);
        if (lag !== undefined) this.set(lag);
      },
    });
    new Gauge({
      name: 'penalty_ledger_followers',
      help: 'Copies on other machines that asked for events in the last minute.',
      registers,
      async collect() {
        this.set((await readOr(sources.followerLags, [])).length);
      },
    });
    // By the names of copies, which senders choose, anyone with a key could make series.
    new Gauge({
      name: 'penalty_ledger_follower_lag_events',
      help: 'Events that the copy nearest to its source lacks, and the one furthest behind.',
      labelNames: ['copy'],
      registers,
      async collect() {
        this.reset();
        const lags = await readOr(sources.followerLags, []);
        if (lags.length === 0) return;
        this.set({ copy: 'nearest' }, Math.min(...lags));
        this.set({ copy: 'furthest' }, Math.max(...lags));
      },
    });
    if (withProcess) collectDefaultMetrics({ register: this.#registry, prefix: 'penalty_ledger_' });
  }

  /**
   * Measures commands that are handed over together, also those that fail, and gives their outcome.
   */
  async timeCommands<T>(commands: number, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    this.#commandsTogether.observe(commands);
    try {
      return await work();
    } finally {
      this.#commandSeconds.observe((performance.now() - startedAt) / 1_000);
    }
  }

  /** Notes what the store made durable in one go. */
  committed({ appends, events, seconds }: CommittedGroup): void {
    this.#appendSeconds.observe(seconds);
    this.#groupSize.observe(appends);
    this.#appended.inc(events);
  }

  answered({ method, route, status, seconds }: AnsweredRequest): void {
    const labels = {
      method: methods.has(method) ? method : 'other',
      route: route ?? 'none',
      status: String(status),
    };
    this.#requestSeconds.observe(labels, seconds);
  }

  /** Everything in Prometheus's text format, with {@link contentType}. */
  metricsText(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

/**
 * A closed or damaged part must not take the other metrics with it: that is when they are looked
 * at.
 */
async function readOr<T>(source: () => T | Promise<T>, otherwise: T): Promise<T> {
  try {
    return await source();
  } catch {
    return otherwise;
  }
}

function scrubOf({ readModelsScrub }: MetricSources): Promise<ScrubReport> {
  return readOr(readModelsScrub, { pagesChecked: NaN, rebuilds: NaN });
}

/** The last check of each kind that was ever made. */
async function lastChecks({
  lastCheck,
}: MetricSources): Promise<readonly { readonly check: NotedCheck; readonly note: CheckNote }[]> {
  const kinds: readonly NotedCheck[] = ['verification', 'replay'];
  const notes = await Promise.all(kinds.map((kind) => readOr(() => lastCheck(kind), undefined)));
  return kinds.flatMap((check, index) => {
    const note = notes[index];
    return note === undefined ? [] : [{ check, note }];
  });
}
