import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@penalty-ledger/application';
import type { EventStore, Position } from '@penalty-ledger/event-store';
import { epochMsOf } from '@penalty-ledger/ledger';
import { waitAfter, type Backoff } from './backoff.js';
import { messageFor, type Message, type Speaker } from './message.js';
import { send } from './send.js';
import { signedHeaders } from './signature.js';
import { WebhookError, type Webhook, type Webhooks } from './webhooks.js';

/** How deliveries are made; every one has a default. */
export interface DeliverySettings extends Backoff {
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** A webhook that failed for so long is disabled until somebody resumes it. */
  readonly disableAfterMs: number;
  /** Events in a message, at most. */
  readonly batchSize: number;
}

/** 5 s, 10 s, … to an hour; disabled after three days. */
export const deliveryDefaults: DeliverySettings = {
  firstMs: 5_000,
  mostMs: 3_600_000,
  timeoutMs: 10_000,
  disableAfterMs: 3 * 24 * 3_600_000,
  batchSize: 100,
};

/** What deliveries are made of. */
export interface DeliveryParts {
  readonly store: EventStore;
  readonly webhooks: Webhooks;
  readonly speaker: Speaker;
  readonly clock: Clock;
  /** Whether this process is the one that delivers: of several nodes only one does, so that nothing is sent twice. */
  readonly isDelivering: () => boolean;
  /** Told when a webhook's loop ends by an error that is not the receiver's: the store is closed or damaged. */
  readonly onError: (error: unknown, webhookId: string) => void;
}

/** A cursor over events nobody asked for is written once in so many: it only saves reading them again. */
const passedBetweenNotes = 10_000;

/**
 * Tells every active webhook of every event it asked for, from its cursor on: in order, at least once, one message at a time. The cursor moves when the
 * receiver has said yes; after a restart what it had not yet said yes to is sent again.
 */
export class WebhookDelivery {
  readonly #settings: DeliverySettings;
  readonly #running = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  #stopped = false;

  constructor(
    private readonly parts: DeliveryParts,
    settings: Partial<DeliverySettings> = {},
  ) {
    this.#settings = { ...deliveryDefaults, ...settings };
  }

  /**
   * Starts the webhooks that are active and stops those that are not any more: at the beginning, after each change of one or of this process's role, and from
   * time to time, which takes up again those that an error of the store ended.
   */
  async refresh(): Promise<void> {
    const active = this.#active();
    await Promise.all([...this.#running.keys()].filter((id) => !active.has(id)).map((id) => this.#end(id)));
    // Asked again: another change may have come while those ended.
    for (const id of this.#active()) if (!this.#running.has(id) && !this.#stopped) this.#begin(id);
  }

  /** How many webhooks are being delivered to. */
  get running(): number {
    return this.#running.size;
  }

  /** Gives up what is under way, which will be sent again, and ends. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#running.keys()].map((id) => this.#end(id)));
  }

  #active(): ReadonlySet<string> {
    if (!this.parts.isDelivering()) return new Set();
    const active = this.parts.webhooks.list().filter(({ state }) => state === 'active');
    return new Set(active.map(({ id }) => id));
  }

  #begin(id: string): void {
    const stop = new AbortController();
    const done = this.#follow(this.parts.webhooks.get(id), stop.signal)
      .catch((error: unknown) => {
        const isRemoved = error instanceof WebhookError && error.code === 'unknown_webhook';
        if (!stop.signal.aborted && !isRemoved) this.parts.onError(error, id);
      })
      .finally(() => {
        if (this.#running.get(id)?.stop === stop) this.#running.delete(id);
      });
    this.#running.set(id, { stop, done });
  }

  async #end(id: string): Promise<void> {
    const running = this.#running.get(id);
    running?.stop.abort();
    await running?.done;
  }

  async #follow(webhook: Webhook, signal: AbortSignal): Promise<void> {
    const { store, webhooks, speaker } = this.parts;
    const from = webhook.cursor === undefined ? {} : { after: webhook.cursor };
    let passed = 0;
    let last: Position | undefined;
    for await (const records of store.follow({ ...from, batchSize: this.#settings.batchSize, signal })) {
      const position = records.at(-1)?.position;
      if (position === undefined) continue;
      const message = messageFor(webhook, records, speaker);
      if (message === undefined) {
        last = position;
        passed += records.length;
        if (passed < passedBetweenNotes) continue;
        webhooks.moveCursor(webhook.id, position);
      } else if (!(await this.#deliver(webhook, message, position, signal))) {
        return;
      }
      passed = 0;
      last = undefined;
    }
    if (last !== undefined) webhooks.moveCursor(webhook.id, last);
  }

  /** Tries until the receiver says yes; false when the webhook was stopped or disabled instead. */
  async #deliver({ id, url }: Webhook, message: Message, position: Position, signal: AbortSignal): Promise<boolean> {
    const { webhooks, clock } = this.parts;
    const { timeoutMs, disableAfterMs } = this.#settings;
    const isStopped = (): boolean => signal.aborted;
    while (!isStopped()) {
      const sentAt = clock.now();
      const headers = signedHeaders(message, Math.floor(epochMsOf(sentAt) / 1_000), webhooks.secretsOf(id, sentAt));
      const attempt = await send(
        { url, body: message.body, headers: { ...headers }, timeoutMs, signal },
        webhooks.rules,
      );
      const now = clock.now();
      if (attempt.delivered) {
        webhooks.noteDelivered(id, position, now);
        return true;
      }
      if (isStopped()) return false;
      const since = webhooks.get(id).failingSince ?? now;
      const isOver = attempt.gone || epochMsOf(now) - epochMsOf(since) >= disableAfterMs;
      webhooks.noteFailure(id, attempt.problem, now, isOver);
      if (isOver) return false;
      const waitMs = waitAfter(webhooks.get(id).failures, this.#settings);
      const askedMs = Math.min(attempt.retryAfterMs ?? 0, this.#settings.mostMs);
      await pause(Math.max(waitMs, askedMs), undefined, { signal }).catch(() => undefined);
    }
    return false;
  }
}
