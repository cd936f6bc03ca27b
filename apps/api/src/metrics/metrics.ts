import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is asked when the metrics are read. Each may throw while its part is not there; its metric is then left out. */
export interface MetricSources {
  /** Events that are recorded and not yet in the read models. */
  readonly readModelLagEvents: () => number | Promise<number>;
  /** Requests and entries that wait, by the queue's name: `commands`, `access_log`. */
  readonly queueDepths: () => Readonly<Record<string, number>>;
  /** Whether this node takes commands and signs. */
  readonly isWriter: () => boolean;
}

/** One request, as it was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's template (`/agencies/:agencyId/balance`), `undefined` when no route fitted. Never the address as sent. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Below a durable append (0.1 ms) to a client's patience. */
const latencyBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const groupBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * What can be watched of one service, in a registry of its own. Labels are names out of our own code (templates, methods, statuses, verdicts): no id, no
 * name, nothing a sender chose, so neither does a label hold anything personal, nor can a sender make new series.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #appendSeconds;
  readonly #groupSize;
  readonly #requestSeconds;
  readonly #replayed;
  readonly #replayRate;
  readonly #verifications;
  readonly #verifiedAt;

  /** @param withProcess also memory, CPU, event loop and garbage collection of this process, which keeps observers running */
  constructor(sources: MetricSources, withProcess = false) {
    const registers = [this.#registry];
    this.#appendSeconds = new Histogram({
      name: 'penalty_ledger_append_seconds',
      help: 'From handing commands to the ledger to their durable outcome.',
      buckets: latencyBuckets,
      registers,
    });
    this.#groupSize = new Histogram({
      name: 'penalty_ledger_append_group_size',
      help: 'Commands that were handed to the ledger together.',
      buckets: groupBuckets,
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: 'penalty_ledger_http_request_seconds',
      help: 'HTTP requests, from their arrival to the end of the answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: latencyBuckets,
      registers,
    });
    this.#replayed = new Counter({
      name: 'penalty_ledger_replayed_events_total',
      help: 'Events folded again by rebuilds of the read models.',
      registers,
    });
    this.#replayRate = new Gauge({
      name: 'penalty_ledger_replay_events_per_second',
      help: 'The speed of the last rebuild.',
      registers,
    });
    this.#verifications = new Counter({
      name: 'penalty_ledger_verifications_total',
      help: 'Verifications of the ledger, by what they found.',
      labelNames: ['verdict'],
      registers,
    });
    this.#verifiedAt = new Gauge({
      name: 'penalty_ledger_last_verification_timestamp_seconds',
      help: 'When the last verification ended, by what it found.',
      labelNames: ['verdict'],
      registers,
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
      name: 'penalty_ledger_queue_depth',
      help: 'What waits, by queue.',
      labelNames: ['queue'],
      registers,
      async collect() {
        this.reset();
        for (const [queue, depth] of Object.entries(await readOr(sources.queueDepths, {}))) this.set({ queue }, depth);
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
    if (withProcess) collectDefaultMetrics({ register: this.#registry, prefix: 'penalty_ledger_' });
  }

  /** Measures the handing over of commands that are judged together, and gives what it gives. What fails is measured too. */
  async timeAppend<T>(commands: number, append: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    this.#groupSize.observe(commands);
    try {
      return await append();
    } finally {
      this.#appendSeconds.observe((performance.now() - startedAt) / 1_000);
    }
  }

  answered({ method, route, status, seconds }: AnsweredRequest): void {
    const labels = {
      method: methods.has(method) ? method : 'other',
      route: route ?? 'none',
      status: String(status),
    };
    this.#requestSeconds.observe(labels, seconds);
  }

  /** Notes a rebuild of the read models. */
  replayed(events: number, seconds: number): void {
    this.#replayed.inc(events);
    if (seconds > 0) this.#replayRate.set(events / seconds);
  }

  /** Notes a verification. @param epochSeconds when it ended */
  verified(verdict: 'whole' | 'damaged', epochSeconds: number): void {
    this.#verifications.inc({ verdict });
    this.#verifiedAt.set({ verdict }, epochSeconds);
  }

  /** Everything in Prometheus's text format, with {@link contentType}. */
  metricsText(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

/** A part that is closed or damaged must not take the other metrics with it: that is when they are looked at. */
async function readOr<T>(source: () => T | Promise<T>, otherwise: T): Promise<T> {
  try {
    return await source();
  } catch {
    return otherwise;
  }
}
