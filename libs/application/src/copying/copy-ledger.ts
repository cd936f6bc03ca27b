import { existsSync } from 'node:fs';
import {
  damageText,
  IntegrityError,
  StoreUnavailableError,
  type EventDamage,
  type EventStore,
  type Position,
} from '@penalty-ledger/event-store';
import type { LateAppend } from '@penalty-ledger/event-store/eventstoredb';
import type { Hash } from '@penalty-ledger/merkle-log';
import { catchUpInItsOwnThread, openReadModels } from '@penalty-ledger/projections';
import { Sequencer, type KeptCheckpoint } from '@penalty-ledger/sequencer';
import type { InBoth } from '@penalty-ledger/ledger';
import { systemClock, timeZoneDataVersion, type Clock } from '../clock.js';
import { finishErasures } from '../keys/finish-erasures.js';
import { forgetFilesBeside, KeyStore } from '../keys/key-store.js';
import { LedgerReader } from '../answering/ledger-reader.js';
import { PublishedCheckpoints } from '../shared-engine/published-checkpoints.js';
import { findSettings } from '../stores/ledger-settings.js';
import { openExistingStore, openStore, sharedEngineOf } from '../stores/open-store.js';
import {
  locationOf,
  secondLocationOf,
  type FilesElsewhere,
  type LedgerLocation,
} from '../stores/store-url.js';
import { compareStores, type SameEvents } from './compare-stores.js';
import {
  copyEvents,
  CopyRefusedError,
  SourceMovedError,
  sqliteWindow,
  type EventsCopied,
} from './copy-events.js';
import { keptCheckpoints } from './kept-checkpoints.js';
import { takeTarget } from './target-lease.js';

export type CopyStep = 'copy' | 'compare' | 'read models';

export interface CopyLedger {
  /**
   * URLs of the source, which must hold a ledger, and of the target, which must be empty or hold
   * the beginning of it.
   */
  readonly from: string;
  readonly to: string;
  /** True when the keys go along: those of the subjects, and the signing key. */
  readonly keys: boolean;
  /** The target's files that are not to lie beside its others. */
  readonly elsewhere?: FilesElsewhere;
  /**
   * The term of the lease on a shared target without renewal, in milliseconds: it stays that long
   * when the copy is killed.
   */
  readonly termMs?: number;
  readonly clock?: Clock;
  readonly onProgress?: (step: CopyStep, events: number) => void;
}

/** The content that was copied, and found equal on both sides. */
export interface LedgerCopied extends EventsCopied {
  readonly simulation: boolean;
  readonly events: number;
  readonly streams: number;
  readonly root: Hash;
  /** Checkpoints the target keeps. */
  readonly checkpoints: number;
  /** Keys of subjects the target did not have; `undefined` when they were left out. */
  readonly keys: number | undefined;
  /** Over all read models. */
  readonly digest: string;
  /** Agencies whose balance and standing were compared. */
  readonly agencies: number;
  /** Appends on the source's engine of writers whose term had ended; they were left out. */
  readonly lateAppends: readonly LateAppend[];
}

/**
 * Copies a ledger to another engine, and verifies the copy: the same events in the same order with
 * the same hashes, the same head of every stream, the same root, read models with the same digests,
 * the same balance of every agency. After an interruption it continues when it is run again. The
 * source is only read.
 *
 * Checkpoints go along, because the tree is the same and they hold for the copy too.
 *
 * @throws CopyRefusedError when the target holds anything else, TargetHeldError when its lease is
 * taken, SourceMovedError when the source grew meanwhile
 * @throws StoreUrlError, StoreUnavailableError, StoreLockedError, KeysDifferError, IntegrityError
 */
export async function copyLedger({
  from,
  to,
  keys,
  elsewhere,
  termMs,
  clock = systemClock,
  onProgress = () => undefined,
}: CopyLedger): Promise<LedgerCopied> {
  const [source, target] = [locationOf(from), secondLocationOf(to, elsewhere)];
  if (source.log === target.log)
    throw new CopyRefusedError({
      en: 'source and target are the same ledger',
      zh: '源与目标是同一个账本',
    });
  if (keys && !existsSync(source.keys))
    throw new StoreUnavailableError({
      en: `there are no keys at "${source.keys}": bring them there, or copy without keys`,
      zh: `"${source.keys}" 处没有密钥：请将密钥移到此处，或不复制密钥`,
    });
  const releases: (() => Promise<void> | void)[] = [];
  try {
    const sourceStore = await openExistingStore(source, { access: 'read', clock });
    releases.unshift(() => sourceStore.close());
    const settings = await findSettings(sourceStore);
    if (settings === undefined)
      throw new StoreUnavailableError({
        en: `${source.url} holds no ledger`,
        zh: `${source.url} 中没有账本`,
      });
    const opened = await openStore(target, { access: 'write', clock });
    releases.unshift(() => opened.close());
    const shared = sharedEngineOf(opened);
    const lease = shared === undefined ? undefined : await takeTarget(shared, target.url, termMs);
    if (lease !== undefined) releases.unshift(() => lease.release());
    const targetStore = lease === undefined ? opened : lease.fence(opened);
    await assertSameBeginning(sourceStore, targetStore);

    // Before the first event that only they open.
    forgetFilesBeside(target.keys, settings.ledgerId);
    const keysCopied = keys
      ? await copyKeys(source, target, settings.ledgerId, sourceStore)
      : undefined;
    const head = await sourceStore.head();
    const window = target.engine === 'sqlite' ? sqliteWindow : 1;
    const damages: EventDamage[] = [];
    const done = await copyEvents(sourceStore, targetStore, {
      window,
      onProgress: (n) => onProgress('copy', n),
      onDamage: (damage) => damages.push(damage),
    });
    await assertStill(sourceStore, head);
    if (damages.length > 0) throw incomplete(damages);
    const same = await compareStores(sourceStore, targetStore, (n) => onProgress('compare', n));
    const published = shared === undefined ? undefined : new PublishedCheckpoints(shared);
    const checkpoints = await carryOver(
      await keptCheckpoints(source, sourceStore),
      target,
      targetStore,
      same,
      published,
    );
    const answers = await compareAnswers({ source, target, sourceStore, targetStore, clock }, (n) =>
      onProgress('read models', n),
    );
    await assertStill(sourceStore, head);
    const { events, streams, root } = same;
    return {
      simulation: settings.simulation,
      ...done,
      events,
      streams,
      root,
      checkpoints,
      keys: keysCopied,
      ...answers,
      lateAppends: sharedEngineOf(sourceStore)?.lateAppends ?? [],
    };
  } finally {
    for (const release of releases) await release();
  }
}

/** Damages that are named one by one. */
const damagesNamed = 100;

function incomplete(damages: readonly EventDamage[]): IntegrityError {
  const named = damages.slice(0, damagesNamed).map(damageText);
  const others = damages.length - damagesNamed;
  const lines: readonly InBoth[] = [
    {
      en: 'the source has damaged streams, copied up to their first damage:',
      zh: '来源中有损坏的事件流，已复制到其首个损坏处为止：',
    },
    ...named,
    ...(others > 0 ? [{ en: `and ${others} more`, zh: `以及另外 ${others} 处` }] : []),
  ];
  return new IntegrityError(
    {
      en: lines.map(({ en }) => en).join('\n'),
      zh: lines.map(({ zh }) => zh).join('\n'),
    },
    {},
    {
      hint: {
        en:
          'the target has every other event and no checkpoint; restore the source, ' +
          'and copy it to an empty target',
        zh: '目标中有其余全部事件，没有检查点；请恢复来源，再复制到空的目标',
      },
    },
  );
}

/** Asked before keys are touched: another ledger's are not to lie beside this one's. */
async function assertSameBeginning(source: EventStore, target: EventStore): Promise<void> {
  const [first] = await firstOf(source);
  const [there] = await firstOf(target);
  if (there !== undefined && there.leafHash !== first?.leafHash)
    throw new CopyRefusedError({
      en: 'the target holds another ledger; give an empty target',
      zh: '目标中是另一个账本；请给出空的目标',
    });
}

async function firstOf(store: EventStore): Promise<readonly { readonly leafHash: string }[]> {
  // Damage behind it is reported when all events are read.
  const onDamage = (): void => undefined;
  for await (const batch of store.readAll({ batchSize: 1, onDamage })) return batch;
  return [];
}

async function assertStill(store: EventStore, head: Position | undefined): Promise<void> {
  if ((await store.head()) === head) return;
  throw new SourceMovedError({
    en:
      'events were added to the source while it was copied: stop every node and program that ' +
      'writes to it, and run the same copy again',
    zh: '复制期间来源新增了事件：请停止写入来源的所有节点和程序，再次运行同一复制',
  });
}

async function copyKeys(
  source: LedgerLocation,
  target: LedgerLocation,
  ledgerId: string,
  store: EventStore,
): Promise<number> {
  if (source.keys === target.keys) return 0;
  const from = KeyStore.open(source.keys, ledgerId);
  const to = KeyStore.open(target.keys, ledgerId);
  try {
    to.claim(ledgerId);
    await finishErasures(store, from);
    return from.copyTo(to);
  } finally {
    to.close();
    from.close();
  }
}

/** @returns how many checkpoints the target keeps */
async function carryOver(
  checkpoints: readonly KeptCheckpoint[],
  target: LedgerLocation,
  store: EventStore,
  same: SameEvents,
  published: PublishedCheckpoints | undefined,
): Promise<number> {
  const sequencer = await Sequencer.open(target.log, store);
  try {
    await sequencer.adopt(checkpoints);
    if (sequencer.root !== same.root)
      throw new IntegrityError(
        {
          en: `the target’s tree has the root ${sequencer.root}, and the source’s ${same.root}`,
          zh: `目标的树根为 ${sequencer.root}，而来源的为 ${same.root}`,
        },
        {},
      );
    for (const { stream, revision, leafHash } of sequencer.heads) {
      const head = same.heads.get(stream);
      if (head?.revision !== revision || head.leafHash !== leafHash)
        throw new IntegrityError(
          {
            en: 'it is the stream’s head in the target’s tree and not in the source',
            zh: '它在目标的树中是该流的流头，在来源中不是',
          },
          { stream, revision },
        );
    }
    await published?.publish(sequencer.checkpoints);
    return sequencer.checkpoints.length;
  } finally {
    sequencer.close();
  }
}

interface BothSides {
  readonly source: LedgerLocation;
  readonly target: LedgerLocation;
  readonly sourceStore: EventStore;
  readonly targetStore: EventStore;
  readonly clock: Clock;
}

async function compareAnswers(
  { source, target, sourceStore, targetStore, clock }: BothSides,
  onProgress: (events: number) => void,
): Promise<Pick<LedgerCopied, 'digest' | 'agencies'>> {
  const at: Clock = { now: () => now };
  const now = clock.now();
  const one = await answersOf(source, sourceStore, at, () => undefined);
  const other = await answersOf(target, targetStore, at, onProgress);
  if (one.digest !== other.digest)
    throw new IntegrityError(
      {
        en:
          'the read models of source and target have the digests ' +
          `${one.digest} and ${other.digest}; "ledger replay" says which are wrong`,
        zh:
          `来源与目标的读模型摘要为 ${one.digest} 和 ${other.digest}；` +
          '"ledger replay" 会指出哪一方有误',
      },
      {},
    );
  if (one.balances !== other.balances)
    throw new IntegrityError(
      {
        en: 'source and target give different balances of the same events',
        zh: '来源与目标对相同的事件给出不同的累计扣分',
      },
      {},
    );
  return { digest: one.digest, agencies: one.agencies };
}

/** The digest of the read models, brought up, and every agency's balance and standing now. */
async function answersOf(
  { readModels: path }: LedgerLocation,
  store: EventStore,
  clock: Clock,
  onProgress: (events: number) => void,
): Promise<{ readonly digest: string; readonly agencies: number; readonly balances: string }> {
  const readModels = await openReadModels(path, store);
  // No name is asked for.
  const keys = KeyStore.open(':memory:');
  try {
    await catchUpInItsOwnThread(readModels, store, onProgress);
    const reader = await LedgerReader.open({
      store,
      keys,
      readModels,
      zoneDataVersion: timeZoneDataVersion,
      clock,
    });
    const answer = await reader?.answer({ query: 'agencies' });
    const balances = Array.isArray(answer) ? answer : [];
    return {
      digest: readModels.digests().all,
      agencies: balances.length,
      balances: JSON.stringify(balances),
    };
  } finally {
    keys.close();
    readModels.close();
  }
}
