import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { setCustody } from '@penalty-ledger/event-store';
import {
  counted,
  type FormerWriter,
  type InBoth,
  keysNeededBy,
  type LedgerSettings,
  legalPersonsKey,
  readEvent,
  settingsIn,
  SpokenError,
} from '@penalty-ledger/ledger';
import { systemClock, type Clock } from '../clock.js';
import { finishErasures } from '../keys/finish-erasures.js';
import { KeyStore, signingKeyName } from '../keys/key-store.js';
import { openLedger } from '../opening/open-ledger.js';
import { SigningKeyLostError } from '../signing/signing-key.js';
import { readWriterTerm } from '../streams/writer-term.js';
import { takeKeys, takeSigningKey } from './copied-keys.js';
import { FollowedCopy } from './followed-copy.js';
import { readStatus, statusFileOf, type FollowStatus } from './follow-status.js';
import { EmptyPages } from './empty-pages.js';
import { HistoriesDifferError, SourceAwayError, SourceForbidsError } from './source-errors.js';
import type { SourceConnection } from './source-connection.js';

/** A copy cannot become the ledger now. It is still a copy. */
export class PromotionRefusedError extends SpokenError {
  readonly code = 'promotion_refused';

  constructor(
    text: InBoth,
    readonly hint: InBoth,
  ) {
    super(text);
    this.name = 'PromotionRefusedError';
  }
}

/** The options of a promotion. */
export interface PromoteLedger {
  /** The copy: `sqlite:PATH`. */
  readonly url: string;
  /** The way to the writer until now, with an administrator's token; left out when it is lost. */
  readonly source?: SourceConnection | undefined;
  /** The URL at which the promoted ledger will be served. */
  readonly writer?: string | undefined;
  /** A file with the ledger's keys, where the copy does not have them. */
  readonly keys?: string | undefined;
  /** A person declares that the writer until now is stopped and stays so. */
  readonly formerWriterIsStopped: boolean;
  /** A person accepts that names and texts are lost whose keys are missing. */
  readonly acceptsLostTexts: boolean;
  readonly clock?: Clock;
  readonly onStep?: (step: PromotionStep) => void;
}

/** A step that can take a while. */
export type PromotionStep =
  | { readonly step: 'checking' }
  | { readonly step: 'fencing' }
  | { readonly step: 'fetching'; readonly events: number }
  | { readonly step: 'waiting'; readonly seconds: number }
  | { readonly step: 'opening' };

/** The state of a copy before it is promoted. */
export interface PromotionOutlook {
  readonly events: number;
  /** The `recordedAt` of its last event. */
  readonly recordedAt: string;
  readonly verifiedUpTo: number;
  /** The term that it would begin. */
  readonly term: number;
  readonly source: string;
  /** The last that the following process noted. */
  readonly status: FollowStatus | undefined;
}

/** A promoted ledger. */
export interface LedgerPromoted {
  readonly term: number;
  readonly formerWriter: FormerWriter;
  readonly events: number;
  /** Events that were fetched from the writer until now, after it was fenced. */
  readonly fetched: number;
  /** The checkpoint that proves the promotion. */
  readonly checkpoint: string;
  readonly seconds: number;
}

/** A tenth is for clocks that run at different speeds, as for the lease of an engine. */
const clockMargin = 1.1;

/**
 * Looks at a copy that may be promoted. Changes nothing.
 *
 * @throws CustodyError when it is no copy; StoreLockedError while a process follows
 */
export async function promotionOutlook(url: string): Promise<PromotionOutlook> {
  const copy = await FollowedCopy.open(url);
  try {
    return await outlookOf(copy);
  } finally {
    await copy.close();
  }
}

/**
 * Makes a copy the ledger. The writer until now is fenced first: it confirms, or its lease has
 * ended, or a person declares that it is stopped. Interrupted, it goes on when it is run again.
 *
 * @throws PromotionRefusedError, SigningKeyLostError: it is still a copy
 * @throws SourceForbidsError, SourceRefusedError; as `FollowedCopy.open` and `openLedger`
 */
export async function promoteLedger(options: PromoteLedger): Promise<LedgerPromoted> {
  const { url, clock = systemClock, onStep = () => undefined } = options;
  const startedMs = performance.now();
  const copy = await FollowedCopy.open(url);
  let began: Began;
  try {
    began = await begin(copy, options, startedMs);
  } finally {
    await copy.close();
  }
  onStep({ step: 'opening' });
  const { term, formerWriter, settings, source, fetched } = began;
  const opened = await openLedger({
    url,
    simulation: settings.simulation,
    openedAt: clock.now(),
    clock,
    as: 'follower',
  });
  try {
    const { ledger } = opened;
    await ledger.promote({ formerWriter, term }, clock.now());
    // Only now: a crash before leaves a copy that takes no commands, and is promoted again.
    setCustody(ledger.parts.store, {
      role: 'writer',
      other: source,
      details: { term, notified: formerWriter === 'fenced' },
    });
    const checkpoint = await opened.checkpoint();
    const events = Number(ledger.position ?? 0);
    const seconds = (performance.now() - startedMs) / 1_000;
    return { term, formerWriter, events, fetched, checkpoint, seconds };
  } finally {
    await opened.close();
  }
}

interface Began {
  readonly term: number;
  readonly formerWriter: FormerWriter;
  readonly settings: LedgerSettings;
  readonly source: string;
  readonly fetched: number;
}

/** Fences the writer until now, and takes what it still had. */
async function begin(
  copy: FollowedCopy,
  options: PromoteLedger,
  startedMs: number,
): Promise<Began> {
  const { term } = await outlookOf(copy);
  const settings = await settingsOf(copy);
  const { source } = copy;
  const recorded = await recordedFormerWriter(copy);
  if (recorded !== undefined) return { term, formerWriter: recorded, settings, source, fetched: 0 };
  options.onStep?.({ step: 'checking' });
  await bringKeys(copy, settings, options);
  await assertTextsOpen(copy, 0, options);
  const before = copy.events;
  const formerWriter = await endWriter(copy, term, options, startedMs);
  // Its last commands may have made keys after the file was read.
  if (copy.events > before) await bringKeys(copy, settings, options);
  await assertTextsOpen(copy, before, options);
  return { term, formerWriter, settings, source, fetched: copy.events - before };
}

/** The promotion's own event, when it was interrupted after that. */
async function recordedFormerWriter({
  store,
  details: { promoting },
}: FollowedCopy): Promise<FormerWriter | undefined> {
  const { term, promotion } = await readWriterTerm(store);
  if (promotion === undefined || term !== promoting) return undefined;
  const event = readEvent(promotion);
  return event.type === 'WriterPromoted' ? event.data.formerWriter : undefined;
}

async function endWriter(
  copy: FollowedCopy,
  term: number,
  { source, writer, formerWriterIsStopped, onStep = () => undefined }: PromoteLedger,
  startedMs: number,
): Promise<FormerWriter> {
  const reason = await fence(copy, term, { source, writer, onStep });
  if (reason === undefined) return 'fenced';
  const { followedSeconds } = copy.details;
  if (followedSeconds !== undefined) {
    // Nobody follows any more: the file is locked, and a process that starts now is refused.
    copy.beginPromotion(term);
    const restMs = followedSeconds * 1_000 * clockMargin - (performance.now() - startedMs);
    onStep({ step: 'waiting', seconds: Math.max(0, restMs / 1_000) });
    if (restMs > 0) await pause(restMs);
    return 'lease_ended';
  }
  if (formerWriterIsStopped) {
    copy.beginPromotion(term);
    return 'declared_stopped';
  }
  throw new PromotionRefusedError(
    {
      en: `the writer until now was not fenced: ${reason.en}`,
      zh: `原写入方未被隔离：${reason.zh}`,
    },
    {
      en:
        "give its URL and an administrator's token; or stop it for good, and give " +
        '--former-writer-is-stopped: two writers would give two histories',
      zh:
        '请给出其 URL 和管理员令牌；或将其永久停止，并给出 --former-writer-is-stopped：' +
        '两个写入方会产生两份历史',
    },
  );
}

/** @returns why the writer until now could not be told; `undefined` once it confirmed */
async function fence(
  copy: FollowedCopy,
  term: number,
  { source, writer, onStep }: Required<Pick<PromoteLedger, 'source' | 'writer' | 'onStep'>>,
): Promise<InBoth | undefined> {
  if (source === undefined)
    return { en: 'no token was given to tell it', zh: '未给出令牌，无法通知它' };
  onStep({ step: 'fencing' });
  const { follower } = copy.details;
  const fetch = async (): Promise<void> => {
    const { events: after } = copy;
    await copy.take(await source.records({ after, waitSeconds: 0, follower, lease: undefined }));
  };
  let position: number;
  try {
    // Only the ledger of the copy is fenced, and only where it has the same history.
    await fetch();
    // It confirms with the key it has now, which the copy may have to follow to.
    await copy.prove(source);
    const order = { ledgerId: copy.ledgerId, copy: copy.promotionId(), term };
    const { verifierKey } = copy.details;
    const fenced = await source.fence(
      { ...order, ...(writer !== undefined && { writer }) },
      verifierKey,
    );
    position = Number(fenced.position);
  } catch (error) {
    if (error instanceof SourceAwayError) return error.inBoth;
    throw error;
  }
  if (position < copy.events)
    throw new HistoriesDifferError({
      en:
        `it confirms the fence with event ${position} as its last, ` +
        `and the copy holds ${copy.events}`,
      zh: `它确认隔离时的最后事件为 ${position}，而副本有 ${copy.events} 个事件`,
    });
  copy.beginPromotion(term);
  const emptyPages = new EmptyPages();
  while (copy.events < position) {
    const { events } = copy;
    onStep({ step: 'fetching', events: position - events });
    await fetch();
    await emptyPages.took(copy.events - events, position, events);
  }
  await copy.prove(source);
  return undefined;
}

async function outlookOf(copy: FollowedCopy): Promise<PromotionOutlook> {
  const { events, recordedAt, verifiedUpTo, source, details } = copy;
  const { term } = await readWriterTerm(copy.store);
  return {
    events,
    recordedAt,
    verifiedUpTo,
    term: details.promoting ?? term + 1,
    source,
    status: readStatus(statusFileOf(copy.location.events)),
  };
}

/** @throws PromotionRefusedError when the copy is empty */
async function settingsOf({ store, source }: FollowedCopy): Promise<LedgerSettings> {
  for await (const [first] of store.readAll({ batchSize: 1 }))
    if (first !== undefined) return settingsIn(readEvent(first));
  throw new PromotionRefusedError(
    { en: `the copy of ${source} holds no event yet`, zh: `${source} 的副本中还没有事件` },
    {
      en: 'follow the source first, or restore the ledger from a backup',
      zh: '请先跟随源，或从备份恢复账本',
    },
  );
}

/**
 * Takes in the ledger's keys, and checks that they are the ledger's.
 *
 * @throws SigningKeyLostError, KeysDifferError
 */
async function bringKeys(
  { location, details, store }: FollowedCopy,
  { ledgerId }: LedgerSettings,
  { keys: file, source }: PromoteLedger,
): Promise<void> {
  const own = KeyStore.open(location.keys, ledgerId);
  try {
    own.claim(ledgerId);
    // A file that was brought by hand can know another machine's files.
    own.forgetFiles();
    if (file !== undefined) {
      const brought = KeyStore.open(file, ledgerId);
      try {
        const name = signingKeyName(ledgerId);
        // What is here was rotated away: the copy proved the key that followed.
        if (brought.findSigningKey(name)?.verifierKey === details.verifierKey)
          if (own.findSigningKey(name)?.verifierKey !== details.verifierKey)
            own.forgetSigningKey(name);
        brought.copyTo(own);
      } finally {
        brought.close();
      }
      await finishErasures(store, own);
    }
    if (source !== undefined)
      await takeSigningKey(own, source, details.verifierKey).catch(unlessShared);
    const found = own.findSigningKey(signingKeyName(ledgerId))?.verifierKey;
    if (found === details.verifierKey) return;
    throw new SigningKeyLostError({
      en:
        `${own.path} does not hold the key ${details.verifierKey}, with which the ledger signs: ` +
        'bring its key file, and give it with --keys',
      zh:
        `${own.path} 中没有账本用以签署的密钥 ${details.verifierKey}：` +
        '请取来其密钥文件，并用 --keys 给出',
    });
  } finally {
    own.close();
  }
}

/**
 * Checks that the texts of the events after a position can be opened. A subject whose key is
 * missing would get another one, and its earlier texts would then count as damaged; so its key is
 * marked as destroyed.
 */
async function assertTextsOpen(
  { location, store }: FollowedCopy,
  after: number,
  { acceptsLostTexts, source }: PromoteLedger,
): Promise<void> {
  const keys = KeyStore.open(location.keys);
  try {
    const missing = new Set<string>();
    for await (const batch of store.readAll(after === 0 ? {} : { after: String(after) }))
      for (const { body } of batch) {
        if (!body.includes('"personal":[')) continue;
        for (const subject of keysNeededBy(readEvent({ body })))
          if (keys.stateOf(subject) === 'never') missing.add(subject);
      }
    if (missing.size > 0 && source !== undefined) {
      await takeKeys(keys, source, missing).catch(unlessShared);
      for (const subject of missing) if (keys.stateOf(subject) !== 'never') missing.delete(subject);
    }
    if (missing.size > 0 && !acceptsLostTexts)
      throw new PromotionRefusedError(
        {
          en:
            `the keys of ${counted(missing.size, 'subject')} are missing: ` +
            [...missing].slice(0, 5).join(', '),
          zh: `缺少 ${missing.size} 个主体的密钥：${[...missing].slice(0, 5).join('、')}`,
        },
        {
          en:
            'bring a later copy of the key file with --keys, and run this again; ' +
            'or give --accept-lost-texts: their names and texts are then lost for good',
          zh:
            '请用 --keys 给出更新的密钥文件副本，再次运行；或给出 --accept-lost-texts：' +
            '这些主体的名称和文字将永久丢失',
        },
      );
    // Without theirs, legal persons are named anew from now on.
    for (const subject of missing) if (subject !== legalPersonsKey) keys.destroy(subject);
  } finally {
    keys.close();
  }
}

/** A source that is away, or keeps its keys apart, leaves the keys missing. */
function unlessShared(error: unknown): void {
  if (error instanceof SourceForbidsError || error instanceof SourceAwayError) return;
  throw error;
}
