import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Deadline, EventFeed, MonthDeadline } from '@penalty-ledger/application';
import type { Position } from '@penalty-ledger/event-store';
import { epochMsOf } from '@penalty-ledger/ledger';
import type { AgencyWatch } from './agency-watch.js';
import { waitAfter, type Backoff } from './backoff.js';
import {
  deadlinesMessage,
  eventsMessage,
  outlookMessage,
  type Message,
  type MessageOrigin,
} from './message.js';
import { send } from './send.js';
import { signedHeaders } from './signature.js';
import {
  WebhookError,
  type Delivered,
  type Webhook,
  type Webhooks,
} from '@penalty-ledger/application/webhooks';

/** The settings of deliveries; every one has a default. */
export interface DeliverySettings extends Backoff {
  /** The longest that one attempt may take. */
  readonly timeoutMs: number;
  /** A webhook that failed for so long is disabled until somebody resumes it. */
  readonly disableAfterMs: number;
  /** Events, deadlines or months in a message, at most. */
  readonly batchSize: number;
}

/** 5 s, 10 s, … to an hour; disabled after three days. */
export const deliveryDefaults: DeliverySettings = {
  firstMs: 5_000,
  maxMs: 3_600_000,
  timeoutMs: 10_000,
  disableAfterMs: 3 * 24 * 3_600_000,
  batchSize: 100,
};

/** The parts that deliveries are made of. */
export interface DeliveryParts {
  readonly events: EventFeed;
  readonly webhooks: Webhooks;
  /** Ended with the deliveries, as the next. */
  readonly deadlines: AgencyWatch<Deadline>;
  readonly outlook: AgencyWatch<MonthDeadline>;
  readonly origin: MessageOrigin;
  readonly clock: Clock;
  /**
   * Says whether this process delivers: of several nodes only one does, so that nothing is sent
   * twice.
   */
  readonly isDelivering: () => boolean;
  /**
   * Called when a webhook's loop ends by an error that is not the receiver's: the store is closed
   * or damaged.
   */
  readonly onError: (error: unknown, webhookId: string) => void;
}

/** A message, and what is noted once its receiver has said yes. */
interface Notification {
  readonly message: Message;
  readonly delivered: Delivered;
}

/**
 * The result of a delivery: the receiver accepted it, nothing was left to send, or the webhook was
 * stopped or disabled.
 */
type DeliveryOutcome = 'delivered' | 'nothing_left' | 'ended';

/** Makes a message of items to notify a webhook of; `undefined` without any. */
type MessageOf<Item> = (
  webhook: Webhook,
  due: readonly Item[],
  origin: MessageOrigin,
) => Message | undefined;

/** Runs one piece of work after the other, in the order they came. */
type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** The cursor is written once after so many unwanted events: it only saves reading them again. */
const passedBetweenNotes = 10_000;

/**
 * Sends every active webhook the events it asked for, from its cursor on: in order, at least once,
 * one message at a time. The cursor moves when the receiver has accepted a message; after a restart
 * the others are sent again. Notifications about deadlines and months go between events, by the
 * same rules.
 */
export class WebhookDelivery {
  readonly #settings: DeliverySettings;
  readonly #running = new Map<
    string,
    { readonly stop: AbortController; readonly done: Promise<void> }
  >();
  #stopped = false;

  constructor(
    private readonly parts: DeliveryParts,
    settings: Partial<DeliverySettings> = {},
  ) {
    this.#settings = { ...deliveryDefaults, ...settings };
  }

  /**
   * Starts the webhooks that are active and stops those that no longer are. It is called at the
   * beginning, after each change of one or of this process's role, and from time to time, which
   * starts those again that an error of the store ended.
   */
  async refresh(): Promise<void> {
    const active = this.#active();
    const { deadlines, outlook } = this.parts;
    for (const watch of [deadlines, outlook]) watch.refresh([...active.values()]);
    await Promise.all(
      [...this.#running.keys()].filter((id) => !active.has(id)).map((id) => this.#end(id)),
    );
    // Asked again: another change may have come while those ended.
    for (const webhook of this.#active().values())
      if (!this.#running.has(webhook.id) && !this.#stopped) this.#begin(webhook);
  }

  /** The number of webhooks that are delivered to. */
  get running(): number {
    return this.#running.size;
  }

  /** Gives up what is under way, which will be sent again, and ends. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([
      this.parts.deadlines.stop(),
      this.parts.outlook.stop(),
      ...[...this.#running.keys()].map((id) => this.#end(id)),
    ]);
  }

  #active(): ReadonlyMap<string, Webhook> {
    if (!this.parts.isDelivering()) return new Map();
    const active = this.parts.webhooks.list().filter(({ state }) => state === 'active');
    return new Map(active.map((webhook) => [webhook.id, webhook]));
  }

  #begin(webhook: Webhook): void {
    const { id } = webhook;
    const stop = new AbortController();
    const done = this.#serve(webhook, stop.signal)
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

  /**
   * Sends a webhook events, deadlines and months, one message at a time, until it is stopped or
   * disabled, or one of them fails.
   */
  async #serve(webhook: Webhook, stop: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([stop, ended.signal]);
    const inTurn = oneAtATime();
    const loops = [this.#follow(webhook, inTurn, signal)];
    const { deadlines, outlook } = this.parts;
    if (deadlines.isWantedBy(webhook))
      loops.push(this.#notify(webhook, deadlines, deadlinesMessage, inTurn, signal));
    if (outlook.isWantedBy(webhook))
      loops.push(this.#notify(webhook, outlook, outlookMessage, inTurn, signal));
    const outcomes = await Promise.allSettled(
      loops.map((each) => each.finally(() => ended.abort())),
    );
    const failed = outcomes.find(({ status }) => status === 'rejected') as
      PromiseRejectedResult | undefined;
    if (failed !== undefined) throw failed.reason;
  }

  async #notify<Item>(
    webhook: Webhook,
    watch: AgencyWatch<Item>,
    messageOf: MessageOf<Item>,
    inTurn: InTurn,
    signal: AbortSignal,
  ): Promise<void> {
    // Made anew for each attempt: what passed, was decided or moved meanwhile is left out or
    // corrected.
    const next = async (): Promise<Notification | undefined> => {
      const due = await watch.dueTo(webhook, this.#settings.batchSize);
      const message = messageOf(webhook, due, this.parts.origin);
      const notified = due.map((item) => watch.noteOf(item));
      return message && { message, delivered: { notified } };
    };
    while (!signal.aborted) {
      const { looks } = watch;
      const outcome = await inTurn(() => this.#deliver(webhook, next, signal));
      if (outcome === 'ended') return;
      if (outcome === 'nothing_left') await watch.lookAfter(looks, signal);
    }
  }

  async #follow(webhook: Webhook, inTurn: InTurn, signal: AbortSignal): Promise<void> {
    const { events, webhooks, origin } = this.parts;
    const { id, cursor: after, types, agencyId } = webhook;
    const asked = {
      ...(types !== undefined && { types }),
      ...(agencyId !== undefined && { agencyId }),
    };
    const { batchSize } = this.#settings;
    let passed = 0;
    let last: Position | undefined;
    for await (const batch of events.follow(asked, { after, signal, batchSize })) {
      const position = batch.last;
      const message = eventsMessage(id, batch.events, origin);
      if (message === undefined) {
        last = position;
        passed += batch.scanned;
        if (passed < passedBetweenNotes) continue;
        webhooks.moveCursor(id, position);
      } else {
        const notification = { message, delivered: { cursor: position } };
        const outcome = await inTurn(() => this.#deliver(webhook, () => notification, signal));
        if (outcome === 'ended') return;
      }
      passed = 0;
      last = undefined;
    }
    if (last !== undefined) webhooks.moveCursor(id, last);
  }

  /**
   * Tries until the receiver accepts.
   *
   * @param next gives the notification of an attempt, if anything is still to be sent
   */
  async #deliver(
    { id, url }: Webhook,
    next: () => Notification | undefined | Promise<Notification | undefined>,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const { webhooks, clock } = this.parts;
    const { timeoutMs, disableAfterMs } = this.#settings;
    const isStopped = (): boolean => signal.aborted;
    for (let attempts = 0; !isStopped(); attempts += 1) {
      const notification = await next();
      if (isStopped()) break;
      if (notification === undefined) {
        if (attempts > 0) webhooks.noteNothingLeft(id);
        return 'nothing_left';
      }
      const { message, delivered } = notification;
      const sentAt = clock.now();
      const headers = signedHeaders(
        message,
        Math.floor(epochMsOf(sentAt) / 1_000),
        webhooks.secretsOf(id, sentAt),
      );
      const attempt = await send(
        { url, body: message.body, headers: { ...headers }, timeoutMs, signal },
        webhooks.allowed,
      );
      const now = clock.now();
      if (attempt.delivered) {
        webhooks.noteDelivered(id, delivered, now);
        return 'delivered';
      }
      if (isStopped()) break;
      const since = webhooks.get(id).failingSince ?? now;
      const isOver = attempt.gone || epochMsOf(now) - epochMsOf(since) >= disableAfterMs;
      webhooks.noteFailure(id, attempt.problem, now, isOver);
      if (isOver) break;
      const waitMs = waitAfter(webhooks.get(id).failures, this.#settings);
      const askedMs = Math.min(attempt.retryAfterMs ?? 0, this.#settings.maxMs);
      await pause(Math.max(waitMs, askedMs), undefined, { signal }).catch(() => undefined);
    }
    return 'ended';
  }
}

function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}
