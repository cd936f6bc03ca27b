import { joined, SpokenError } from '@penalty-ledger/ledger';
import { randomUUID } from 'node:crypto';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  closeUnused,
  custodyOf,
  type OnCommitted,
  type WritingRole,
} from '@penalty-ledger/event-store';
import type { Instant, LedgerSettings, Mode } from '@penalty-ledger/ledger';
import {
  projectorInItsOwnThread,
  openReadModels,
  projectorInThisThread,
} from '@penalty-ledger/projections';
import { ledgerZone, systemClock, timeZoneDataVersion, type Clock } from '../clock.js';
import { finishErasures } from '../keys/finish-erasures.js';
import { simulationIdPrefix, KeyStore } from '../keys/key-store.js';
import { OpenParts } from '../open-parts.js';
import { LedgerModule } from '../bus/ledger-module.js';
import { sendThrough, type SendCommands } from '../bus/messages.js';
import { LedgerReader } from '../answering/ledger-reader.js';
import type { ReaderParts } from '../answering/reader-context.js';
import { LedgerWriter, LedgerStoppedError } from '../recording/ledger-writer.js';
import { assertSignedHistory, signCurrentHead } from '../signing/open-log.js';
import { assertKeysOf } from '../signing/node-keys.js';
import { defaultTripwiresEveryMs, TripwireWatch } from './tripwire-watch.js';
import { WriterLease, type LeaseHealth, type NodeOptions } from '../shared-engine/writer-lease.js';
import { openStore, sharedEngineOf, type SharedEngine } from '../stores/open-store.js';
import { findSettings } from '../stores/ledger-settings.js';
import { assertOwnRows, protectRows } from '../stores/own-rows.js';
import { locationOf, secondLocationOf, type FilesElsewhere } from '../stores/store-url.js';

/** The options of opening a ledger, and the settings of a new one. */
export interface OpenLedger {
  readonly url: string;
  readonly simulation: boolean;
  /**
   * Fixed for a ledger's life. By default that of the existing ledger, and `observer` for a new
   * one.
   */
  readonly mode?: Mode;
  /** The instant of a new ledger's first event. */
  readonly openedAt: Instant;
  readonly clock?: Clock;
  /** Told of what the store made durable in one go. */
  readonly onCommitted?: OnCommitted;
  /** The way this process competes for the lease, on an engine that several nodes share. */
  readonly node?: NodeOptions;
  /**
   * The interval between looks at such an engine for threats to events, in milliseconds. Default
   * ten minutes.
   */
  readonly tripwiresEveryMs?: number;
  /**
   * The places of keys and of API keys for a ledger that is not the one this program is about;
   * left out: as the environment says.
   */
  readonly elsewhere?: FilesElsewhere;
  /** `follower` to promote a copy, which is the ledger only once its custody says so. */
  readonly as?: WritingRole;
  /** Take every row of the event file as the ledger's own, under MACs of a new key. */
  readonly acceptsRows?: boolean;
}

/** The ledger is not of the kind that was asked for. */
export class LedgerSettingsError extends SpokenError {
  readonly code = 'ledger_settings';
}

/** The store holds no ledger. */
export class NoLedgerError extends SpokenError {
  readonly code = 'no_ledger';
}

/** A ledger open for writing, with its buses. */
export interface OpenedLedger {
  readonly ledger: LedgerWriter;
  readonly reader: LedgerReader;
  readonly commands: CommandBus;
  /** Sends commands through the command bus. */
  readonly send: SendCommands;
  readonly queries: QueryBus;
  /** The side of an engine that several nodes share, beside the events. */
  readonly engine: SharedEngine | undefined;
  /** Looks at that engine at the opening and on a timer, and records what it finds. */
  readonly tripwires: TripwireWatch | undefined;
  /** Says whether this process may append and sign; always true where other nodes cannot. */
  readonly isHolder: () => boolean;
  /** The state of renewing its lease; `undefined` without a lease to renew. */
  readonly leaseHealth: () => LeaseHealth | undefined;
  /**
   * Takes in every event and signs for all of them; gives the latest checkpoint again when nothing
   * was added.
   */
  readonly checkpoint: () => Promise<string>;
  /**
   * Finishes the commands taken, signs a checkpoint when anything was recorded since the opening,
   * and closes every part.
   */
  close(): Promise<void>;
}

/** A ledger open for reading, with its query bus. Others may write to it meanwhile. */
export interface OpenedReader {
  readonly reader: LedgerReader;
  readonly queries: QueryBus;
  close(): Promise<void>;
}

/** A reader with its parts, for what works beside it on the same store. */
export interface OpenedParts extends OpenedReader {
  readonly parts: ReaderParts;
}

/**
 * Opens a ledger for writing, and makes it if the store is empty. When the opening fails, no file
 * of a new ledger is left behind.
 *
 * @throws LedgerSettingsError when the ledger has another mode, or a simulation and a real one
 * would be mixed
 * @throws StoreLockedError when another process writes it, or another node has the lease
 * @throws CustodyError when it is a copy that follows another machine's, or is fenced
 * @throws SigningKeyLostError, KeysOfAnotherLedgerError when the key file is not the ledger's
 * @throws StoreUrlError, IntegrityError
 */
export async function openLedger({
  url,
  simulation,
  mode,
  openedAt,
  clock = systemClock,
  node,
  onCommitted,
  tripwiresEveryMs = defaultTripwiresEveryMs,
  elsewhere,
  as = 'writer',
  acceptsRows = false,
}: OpenLedger): Promise<OpenedLedger> {
  const location = elsewhere === undefined ? locationOf(url) : secondLocationOf(url, elsewhere);
  // Loaded here: a process that only reads starts without the validator's three hundred files.
  const { OpeningRequest } = await import('./opening-request.js');
  const problems = new OpeningRequest({
    url,
    simulation,
    ...(mode !== undefined && { mode }),
  }).problems();
  if (problems.length > 0) throw new LedgerSettingsError(joined(problems));
  const opened = await openStore(location, {
    access: 'write',
    as,
    thread: true,
    clock,
    onCommitted,
  });
  const opening = new OpenParts(['projector', 'readModels', 'keys', 'lease', 'store'] as const);
  opening.opened('store', () => closeUnused(opened));
  try {
    const engine = sharedEngineOf(opened);
    // An engine that gives no answer is found out before a key file is made, which another process
    // on this machine may open at once: then it cannot be removed again.
    if (engine !== undefined) await opened.head();
    // Before the lease: a person, or a device, may take longer to open them than its term is.
    const keys = KeyStore.open(location.keys);
    opening.opened('keys', () => {
      if (engine === undefined) keys.closeUnused();
      else keys.close();
    });
    const lease =
      engine === undefined ? undefined : await WriterLease.take(engine, location.url, node);
    const store = lease?.fence(opened) ?? opened;
    opening.opened('lease', () => lease?.release());
    const headBefore = await store.head();
    const ledgerId = (await findSettings(store))?.ledgerId;
    if (ledgerId !== undefined) keys.assertOf(ledgerId);
    if (engine !== undefined) await assertKeysOf(engine, keys);
    await assertSignedHistory(store, keys, location.log, engine);
    if (ledgerId === undefined) keys.assertOf(undefined);
    await protectRows(opened, keys, acceptsRows);
    const readModels = await openReadModels(location.readModels, store);
    opening.opened('readModels', () => {
      readModels.close();
    });
    // A thread of its own reads the events again, from a file; events on another engine are folded
    // in as they are decided.
    const projector =
      location.engine === 'sqlite'
        ? projectorInItsOwnThread(
            { events: location.events, path: location.readModels },
            readModels,
            store,
          )
        : projectorInThisThread(readModels, store);
    opening.opened('projector', () => projector.close());
    const parts = {
      store,
      keys,
      readModels,
      projector,
      zoneDataVersion: timeZoneDataVersion,
      appendsWait: engine !== undefined,
    };
    const settings: LedgerSettings = {
      // The name of its key, and so all that it signs, begins with this word.
      ledgerId: `${simulation ? simulationIdPrefix : ''}${randomUUID()}`,
      mode: mode ?? 'observer',
      simulation,
      zone: ledgerZone,
    };
    const ledger = await LedgerWriter.open(parts, {
      settings,
      at: openedAt,
      actor: simulation ? 'simulation' : 'import',
    });
    const reader = await LedgerReader.open({ ...parts, clock });
    if (ledger === undefined || reader === undefined)
      throw new NoLedgerError({
        en: `there is no ledger in ${location.url}`,
        zh: `${location.url} 中没有账本`,
      });
    keys.claim(ledger.settings.ledgerId);
    keys.save();
    checkSettings(ledger.settings, location.url, simulation, mode);
    const signing = { store, engine, keys, settings: ledger.settings, log: location.log };
    const checkpoint = async (): Promise<string> => {
      await ledger.settle();
      lease?.assertHeld();
      return signCurrentHead(signing, clock);
    };
    // The first checkpoint says whose keys these are, before another node can open the ledger with
    // keys of its own.
    if (engine !== undefined && headBefore === undefined) await checkpoint();
    const app = await NestFactory.createApplicationContext(LedgerModule.over(reader, ledger), {
      logger: false,
    });
    const commands = app.get(CommandBus);
    const now = (): Instant => clock.now();
    const tripwires =
      engine === undefined
        ? undefined
        : new TripwireWatch({ ledger, log: location.log, engine }, now, tripwiresEveryMs);
    const open = new OpenParts(['tripwires', 'checkpoint', 'ledger', 'app'] as const);
    open.opened('tripwires', () => tripwires?.stop());
    open.opened('checkpoint', async () => {
      const isWriter = (custodyOf(opened)?.role ?? 'writer') === 'writer';
      const mayAppend = isWriter && (await isSettled(ledger)) && (lease?.isHeld() ?? true);
      if (mayAppend && (await store.head()) !== headBefore) await signCurrentHead(signing, clock);
    });
    open.opened('ledger', () => ledger.close());
    open.opened('app', () => app.close());
    return {
      ledger,
      reader,
      commands,
      send: sendThrough(commands),
      queries: app.get(QueryBus),
      engine,
      tripwires,
      isHolder: () => lease?.isHeld() ?? true,
      leaseHealth: () => lease?.health,
      checkpoint,
      close: () => open.close(),
    };
  } catch (error) {
    return opening.closeAfter(error);
  }
}

/**
 * Says whether everything a ledger took is durable. A stopped ledger has said so to the senders of
 * commands, and signs nothing.
 */
async function isSettled(ledger: LedgerWriter): Promise<boolean> {
  try {
    await ledger.settle();
    return true;
  } catch (error) {
    if (error instanceof LedgerStoppedError) return false;
    throw error;
  }
}

/** @throws LedgerSettingsError when a ledger is not of the kind that was asked for */
export function checkSettings(
  found: LedgerSettings,
  url: string,
  simulation: boolean,
  mode: Mode | undefined,
): void {
  if (found.simulation !== simulation) {
    throw new LedgerSettingsError({
      en: found.simulation
        ? `${url} holds a simulation; import into a real ledger, or use "simulate"`
        : `${url} holds a real ledger; "simulate" never changes one; give another --store`,
      zh: found.simulation
        ? `${url} 是模拟账本；请导入到正式账本，或使用 "simulate"`
        : `${url} 是正式账本；"simulate" 从不更改正式账本；请给出另一个 --store`,
    });
  }
  if (mode !== undefined && found.mode !== mode) {
    throw new LedgerSettingsError({
      en: `${url} was opened as ${found.mode}, which is fixed for its life; leave --mode out`,
      zh: `${url} 以 ${found.mode} 模式开立，终身不变；请去掉 --mode`,
    });
  }
}

/**
 * Opens a ledger for reading.
 *
 * @throws NoLedgerError when the store holds none
 * @throws StoreUrlError, StoreUnavailableError, IntegrityError
 */
export function openReader(url: string, clock?: Clock): Promise<OpenedReader> {
  return openReaderWithParts(url, clock);
}

/** Opens a ledger for reading as {@link openReader} does, and gives its parts too. */
export async function openReaderWithParts(
  url: string,
  clock: Clock = systemClock,
): Promise<OpenedParts> {
  const location = locationOf(url);
  const open = new OpenParts(['app', 'store', 'readModels', 'keys'] as const);
  try {
    const store = await openStore(location, { access: 'read', clock });
    open.opened('store', () => store.close());
    const keys = KeyStore.openToRead(location.keys, (await findSettings(store))?.ledgerId);
    open.opened('keys', () => {
      keys.close();
    });
    assertOwnRows(store, keys);
    // An older key file that was put back has keys that were destroyed since.
    if (keys.isReadable) await finishErasures(store, keys);
    const readModels = await openReadModels(location.readModels, store);
    open.opened('readModels', () => {
      readModels.close();
    });
    const parts = { store, keys, readModels, zoneDataVersion: timeZoneDataVersion, clock };
    const reader = await LedgerReader.open(parts);
    if (reader === undefined)
      throw new NoLedgerError({
        en: `there is no ledger in ${location.url}; "import" or "simulate" makes one`,
        zh: `${location.url} 中没有账本；"import" 或 "simulate" 会新建`,
      });
    await reader.refresh();
    const app = await NestFactory.createApplicationContext(LedgerModule.over(reader), {
      logger: false,
    });
    open.opened('app', () => app.close());
    return {
      reader,
      queries: app.get(QueryBus),
      parts,
      close: () => open.close(),
    };
  } catch (error) {
    return open.closeAfter(error);
  }
}
