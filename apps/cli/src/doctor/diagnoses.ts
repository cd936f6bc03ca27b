import { openStore } from '@penalty-ledger/application/open-store';
import { locationOf, type LedgerLocation } from '@penalty-ledger/application/store-url';
import { custodyOf, IntegrityError, type EventStore } from '@penalty-ledger/event-store';
import { MemoryTiles } from '@penalty-ledger/merkle-log';
import { endingOf } from '../terminal/exit-codes.js';
import { settingsOf } from '../ledger/ledger-file.js';
import { worstOfEach, type Check, type Diagnosis } from './diagnosis.js';
import { said } from '../terminal/language.js';
import { ok, fail } from './findings.js';
import { nodeDiagnosis, diskDiagnosis } from './machine-diagnoses.js';
import {
  ledgerDiagnoses,
  custodyDiagnoses,
  type EventsRead,
  eventDiagnoses,
  calendarDiagnoses,
  readModelDiagnoses,
  rebuildDiagnoses,
} from './store-diagnoses.js';
import { engineDiagnoses } from './engine-diagnoses.js';
import { keyDiagnoses, signingKeyDiagnoses } from './key-diagnoses.js';
import { logDiagnoses, vouchingDiagnoses } from './log-diagnoses.js';

/** The findings, and whether the ledger is a simulation; `undefined` where that is unreadable. */
interface Diagnosed {
  readonly diagnoses: readonly Diagnosis[];
  readonly simulation: boolean | undefined;
}

/**
 * Looks at a ledger and everything it needs.
 *
 * @throws StoreUrlError when the URL names no place
 */
export async function diagnose(url: string, full: boolean): Promise<Diagnosed> {
  const location = locationOf(url);
  const around = [nodeDiagnosis(), diskDiagnosis(location)];
  let store: EventStore;
  try {
    store = await openStore(location, { access: 'read' });
  } catch (error) {
    // No finding tells of a ledger's content, so there is nothing to mark.
    return { diagnoses: worstOfEach([...around, failure('store', error)]), simulation: false };
  }
  try {
    const settings = await settingsOf(store).catch(() => undefined);
    const diagnoses = worstOfEach([
      ...around,
      ok('store', location.engine === 'sqlite' ? location.events : location.url),
      ...(await storeDiagnoses(store, location, full)),
    ]);
    return { diagnoses, simulation: settings?.simulation };
  } finally {
    await store.close();
  }
}

/** Runs a check; an error that it throws is its finding. */
async function checked(
  check: Check,
  work: () => Promise<readonly Diagnosis[]>,
): Promise<readonly Diagnosis[]> {
  try {
    return await work();
  } catch (error) {
    return [failure(check, error)];
  }
}

function failure(check: Check, error: unknown): Diagnosis {
  const {
    message,
    hint = said('LEDGER_DEBUG=1 prints where it happened', 'LEDGER_DEBUG=1 会打印出错的位置'),
  } = endingOf(error);
  const isOfTheStore = error instanceof IntegrityError && error.hint === undefined;
  return fail(
    check,
    message,
    isOfTheStore ? said('restore the store from a backup', '请从备份恢复存储') : hint,
  );
}

async function storeDiagnoses(
  store: EventStore,
  location: LedgerLocation,
  full: boolean,
): Promise<readonly Diagnosis[]> {
  const subjects = new Set<string>();
  const read: EventsRead = {
    tiles: new MemoryTiles(),
    size: 0,
    heads: new Map(),
    recordedAt: '',
    isComplete: false,
  };
  return [
    ...(await checked('ledger', () => ledgerDiagnoses(store))),
    ...(await checked('custody', () => custodyDiagnoses(store, location))),
    ...(await checked('events', () => eventDiagnoses(store, subjects, read))),
    ...(await checked('calendar', () => calendarDiagnoses(store, read))),
    ...(custodyOf(store)?.role === 'follower'
      ? []
      : await checked('keys', () => keyDiagnoses(store, location.keys, subjects))),
    ...(await checked('read models', () => readModelDiagnoses(store, location.readModels))),
    ...(await checked('merkle log', () => logDiagnoses(store, read, location.log))),
    ...(await checked('signing key', () => signingKeyDiagnoses(store, location))),
    ...(await checked('checkpoints', () => vouchingDiagnoses(store, read, location, full))),
    ...(await checked('engine', () => engineDiagnoses(store, location.log))),
    ...(full && read.isComplete
      ? await checked('rebuild', () => rebuildDiagnoses(store, location.readModels))
      : []),
  ];
}
