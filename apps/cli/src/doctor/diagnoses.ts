import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '@penalty-ledger/application/clock';
import { secretIn } from '@penalty-ledger/application/key-secret';
import { KeyStore } from '@penalty-ledger/application/key-store';
import {
  openStore,
  sharedEngineOf,
  sideStreams,
  streamsOf,
} from '@penalty-ledger/application/open-store';
import { locationOf, type LedgerLocation } from '@penalty-ledger/application/store-url';
import { copyDetailsOf, readStatus, statusFileOf } from '@penalty-ledger/application/following';
import {
  comparePositions,
  custodyOf,
  DamagedStreams,
  damageText,
  IntegrityError,
  type EventDamage,
  type EventStore,
} from '@penalty-ledger/event-store';
import {
  alarms,
  LedgerZone,
  parseInstant,
  parseStream,
  alarmsStream,
  keysNeededBy,
  eventIn,
  placeAfter,
  placeDefects,
  readEvent,
  timeDefects,
} from '@penalty-ledger/ledger';
import { appendLeaves, MemoryTiles, rootAt } from '@penalty-ledger/merkle-log';
import { LogFile } from '@penalty-ledger/sequencer';
import { examineReadModelsAt, rebuildReadModels } from '@penalty-ledger/application/read-models';
import { endingOf } from '../terminal/exit-codes.js';
import { lagText } from '../follow/page.js';
import { keptHeads } from '../ledger/kept-heads.js';
import { settingsOf } from '../ledger/ledger-file.js';
import { startProgress } from '../terminal/progress.js';
import { count, figure } from '../terminal/words.js';
import { calendarDiagnosis } from './calendar-diagnosis.js';
import { worstOfEach, type Diagnosis } from './diagnosis.js';

const ok = (check: string, found: string): Diagnosis => ({ status: 'ok', check, found });
const warn = (check: string, found: string, hint: string): Diagnosis => ({
  status: 'warn',
  check,
  found,
  hint,
});
const fail = (check: string, found: string, hint: string): Diagnosis => ({
  status: 'fail',
  check,
  found,
  hint,
});

/**
 * Looks at a ledger and everything it needs.
 *
 * @throws StoreUrlError when the URL names no place
 */
export async function diagnose(url: string, full: boolean): Promise<readonly Diagnosis[]> {
  const location = locationOf(url);
  const around = [nodeDiagnosis(), diskDiagnosis(location)];
  let store: EventStore;
  try {
    store = await openStore(location, { access: 'read' });
  } catch (error) {
    return worstOfEach([...around, failure('store', error)]);
  }
  try {
    return worstOfEach([
      ...around,
      ok('store', location.engine === 'sqlite' ? location.events : location.url),
      ...(await storeDiagnoses(store, location, full)),
    ]);
  } finally {
    await store.close();
  }
}

/** Runs a check; an error that it throws is its finding. */
async function checked(
  check: string,
  work: () => Promise<readonly Diagnosis[]>,
): Promise<readonly Diagnosis[]> {
  try {
    return await work();
  } catch (error) {
    return [failure(check, error)];
  }
}

function failure(check: string, error: unknown): Diagnosis {
  const { message, hint = 'LEDGER_DEBUG=1 prints where it happened' } = endingOf(error);
  const isOfTheStore = error instanceof IntegrityError && error.hint === undefined;
  return fail(check, message, isOfTheStore ? 'restore the store from a backup' : hint);
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
    ...(await checked('engine', () => engineDiagnoses(store, location.log))),
    ...(full && read.isComplete
      ? await checked('rebuild', () => rebuildDiagnoses(store, location.readModels))
      : []),
  ];
}

function nodeDiagnosis(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `${process.version}, time-zone data ${process.versions['tz'] ?? 'unknown'}`;
  return major > 20 || (major === 20 && minor >= 19)
    ? ok('node', found)
    : fail('node', found, 'use Node 20.19 or later');
}

const scarceBytes = 200_000_000;

function diskDiagnosis({ readModels }: LedgerLocation): Diagnosis {
  let folder = dirname(readModels);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = `${figure(Math.floor((bavail * bsize) / 1_000_000))} MB free`;
  return bavail * bsize >= scarceBytes
    ? ok('disk', free)
    : warn('disk', free, 'free some space before the next import');
}

async function ledgerDiagnoses(store: EventStore): Promise<readonly Diagnosis[]> {
  const { ledgerId, mode, simulation, zone } = await settingsOf(store);
  return [ok('ledger', `${ledgerId}, ${mode}, ${simulation ? 'simulation' : 'real'}, ${zone}`)];
}

/** The tree of the events that could be read. */
interface EventsRead {
  readonly tiles: MemoryTiles;
  size: number;
  /** The revision of the last event of each stream. */
  readonly heads: Map<string, number>;
  /** The last event's instant of recording; empty without events. */
  recordedAt: string;
  /** False until the store was read to its end, and no event of it is damaged. */
  isComplete: boolean;
}

/** Tells of a file that follows another machine, took over from one, or is fenced. */
async function custodyDiagnoses(
  store: EventStore,
  location: LedgerLocation,
): Promise<readonly Diagnosis[]> {
  const custody = custodyOf(store);
  if (custody === undefined || location.engine !== 'sqlite') return [];
  const other = custody.other === '' ? 'another machine' : custody.other;
  if (custody.role === 'writer') return [ok('custody', `took over from ${other}`)];
  if (custody.role === 'fenced')
    return [
      warn('custody', `fenced: ${other} took over`, 'work there; this file can still be read'),
    ];
  const { contradicted } = copyDetailsOf(custody);
  if (contradicted !== undefined)
    return [
      fail(
        'custody',
        `follows ${other}: ${contradicted}`,
        'follow a trusted source into a new file',
      ),
    ];
  const status = readStatus(statusFileOf(location.events));
  const found = `follows ${other}`;
  if (status === undefined)
    return [warn('custody', `${found}; nothing notes how far`, 'start "ledger follow"')];
  const lag = `${found}; ${lagText(status)}, noted ${status.at}`;
  return status.state === 'following'
    ? [ok('custody', lag)]
    : [warn('custody', lag, '"ledger follow --status" says why')];
}

const restoreStore = 'restore the store from a backup; "ledger verify" names every event';

const restoreKeys =
  'restore the key file from its own backup; until then their names and texts cannot be read';

/** Reads every event. The store checks bytes against hashes; this follows each stream's chain. */
async function eventDiagnoses(
  store: EventStore,
  subjects: Set<string>,
  read: EventsRead,
): Promise<readonly Diagnosis[]> {
  const heads = new Map<string, { readonly revision: number; readonly leafHash: string }>();
  let events = 0;
  let recordedAt = '';
  const damages: EventDamage[] = [];
  const damaged = new DamagedStreams(undefined, (damage) => damages.push(damage));
  const progress = startProgress({ label: 'read', unit: 'events' });
  try {
    for await (const batch of store.readAll({ onDamage: damaged.onDamage })) {
      for (const record of damaged.kept(batch)) {
        const event = readEvent(record);
        const { stream, revision } = event;
        const [defect] = [
          ...placeDefects(event, placeAfter(stream, heads.get(stream))),
          ...timeDefects(event, recordedAt),
        ];
        if (defect !== undefined) throw new IntegrityError(defect.message, { stream, revision });
        heads.set(stream, { revision, leafHash: record.leafHash });
        recordedAt = event.recordedAt;
        for (const subject of keysNeededBy(event)) subjects.add(subject);
      }
      const leaves = batch.map(({ leafHash }) => leafHash);
      read.tiles.write(appendLeaves(read.tiles, events, leaves));
      events += batch.length;
      read.size = events;
      progress.update(events);
    }
  } finally {
    progress.stop();
  }
  for (const [stream, { revision }] of heads) read.heads.set(stream, revision);
  read.recordedAt = recordedAt;
  if (damages.length > 0)
    return firstOf(damages).map((damage) => fail('events', damageText(damage), restoreStore));
  read.isComplete = true;
  const agencies = [...heads.keys()].filter(
    (stream) => parseStream(stream)?.kind === 'agency',
  ).length;
  const found =
    `${count(events, 'event')} in ${count(heads.size, 'stream')}, ` +
    `${count(agencies, 'agency', 'agencies')}; every hash and chain holds`;
  return [ok('events', found)];
}

/** A simulation's now is its last event; any other ledger's is the machine's. */
async function calendarDiagnoses(
  store: EventStore,
  { isComplete, recordedAt }: EventsRead,
): Promise<readonly Diagnosis[]> {
  if (!isComplete) return [];
  const { simulation, zone } = await settingsOf(store);
  const now = simulation ? parseInstant(recordedAt) : systemClock.now();
  return now === undefined ? [] : [await calendarDiagnosis(store, now, new LedgerZone(zone, ''))];
}

async function keyDiagnoses(
  store: EventStore,
  path: string,
  subjects: ReadonlySet<string>,
): Promise<readonly Diagnosis[]> {
  if (!existsSync(path)) {
    return subjects.size === 0
      ? [ok('keys', 'none needed yet')]
      : [fail('keys', `"${path}" is missing`, restoreKeys)];
  }
  const mode = statSync(path).mode & 0o777;
  const keys = KeyStore.open(path, (await settingsOf(store)).ledgerId);
  const states = [...subjects].map((subject) => keys.stateOf(subject));
  const erased = states.filter((state) => state === 'destroyed').length;
  const missing = states.filter((state) => state === 'never').length;
  const held = count(keys.subjects, 'subject key');
  const kept = keptOf(keys.isProtected);
  keys.close();
  return [
    ...(missing === 0
      ? []
      : [
          fail(
            'keys',
            `${count(missing, 'subject')} in the events and not in "${path}"`,
            restoreKeys,
          ),
        ]),
    mode === 0o600
      ? kept.hint === undefined
        ? ok('keys', `${held}, ${kept.how}`)
        : warn('keys', `${held}, ${kept.how}`, kept.hint)
      : warn('keys', `${held}, in a file of mode ${mode.toString(8)}`, `chmod 600 ${path}`),
    ok(
      'erased',
      erased === 0
        ? 'no subject'
        : `${count(erased, 'subject')} without a key: their names and texts are gone`,
    ),
  ];
}

/** The way keys are kept, and what to do when it is not the one that was set. */
function keptOf(isProtected: boolean): { readonly how: string; readonly hint?: string } {
  if (isProtected) return { how: 'protected by a passphrase' };
  const how = 'readable only by their owner, without a passphrase';
  return secretIn() === undefined
    ? { how }
    : { how, hint: 'a passphrase is set, and the file is in plain text: "ledger keys protect"' };
}

async function readModelDiagnoses(store: EventStore, path: string): Promise<readonly Diagnosis[]> {
  if (!existsSync(path)) return [warn('read models', 'none yet', 'the next query builds them')];
  const { progress, damage } = await examineReadModelsAt(path, store);
  if (damage.length > 0)
    return damage.map((found) =>
      fail('read models', `"${path}": ${found}`, 'the next command or query rebuilds them'),
    );
  const { cursor, events } = progress;
  const ahead = comparePositions(cursor, await store.head());
  if (ahead > 0) {
    const found = 'they have seen later events than the store holds: its tail is gone';
    return [fail('read models', found, 'restore the store from a backup')];
  }
  return ahead === 0
    ? [ok('read models', `at the head, ${count(events, 'event')}`)]
    : [
        warn(
          'read models',
          `behind the head, at ${count(events, 'event')}`,
          'the next query brings them up to date',
        ),
      ];
}

/** The alarms of harm that was done, where "verify" fails too; the others are of threats. */
const harm: ReadonlySet<string> = new Set(['stream_deleted', 'stream_truncated']);

/** Threats to the ledger's streams that the engine shows now, and alarms recorded before. */
async function engineDiagnoses(store: EventStore, log: string): Promise<readonly Diagnosis[]> {
  const engine = sharedEngineOf(store);
  let standing = alarms.empty;
  for await (const batch of store.readStream(alarmsStream))
    for (const record of batch)
      standing = alarms.evolve(standing, eventIn('alarms', readEvent(record)));
  if (engine === undefined && standing.size === 0) return [];
  const streams = await streamsOf(store);
  // Of a stream that was scavenged away only the log has the name.
  for (const { stream } of keptHeads(log)) streams.add(stream);
  const found = engine === undefined ? [] : await engine.tripwires(streams, sideStreams);
  const alarmDiagnoses = found.map(({ code, stream, what, hint }) =>
    (harm.has(code) ? fail : warn)(
      `alarm ${code}`,
      stream === undefined ? what : `stream ${stream}: ${what}`,
      hint,
    ),
  );
  const verb = standing.size === 1 ? 'stands' : 'stand';
  const recorded = `${count(standing.size, 'alarm')} recorded that ${verb}`;
  return [
    ...alarmDiagnoses,
    standing.size === 0
      ? ok('alarms', recorded)
      : warn('alarms', recorded, `"ledger export" has them in the stream "${alarmsStream}"`),
  ];
}

/** Findings of one kind that are shown. */
const findingsShown = 20;

function firstOf<Found>(found: readonly Found[]): readonly Found[] {
  return found.slice(0, findingsShown);
}

function endText(stream: string, kept: number, there: number | undefined): string {
  const end =
    there === undefined ? 'has none of its events' : `ends it at revision ${figure(there)}`;
  return `stream ${stream}: it has its revision ${figure(kept)}, and the store ${end}`;
}

/** Compares the tree of the events with the one that the Merkle log keeps of them. */
async function logDiagnoses(
  store: EventStore,
  { tiles, size, heads, isComplete }: EventsRead,
  path: string,
): Promise<readonly Diagnosis[]> {
  // Events that cannot be read are reported by themselves.
  if (!existsSync(path) || !isComplete) return [];
  const head = await store.head();
  const file = LogFile.open(path, 'read');
  try {
    const { size: kept, cursor } = file.progress;
    const hint = 'restore the store from a backup; "ledger verify" says which events differ';
    if (kept > size) {
      const lack = comparePositions(head, cursor) < 0 ? 'its tail is gone' : 'some are missing';
      const found = `it has ${count(kept, 'event')} and the store ${figure(size)}: ${lack}`;
      const ends = [...file.heads()].filter(
        ({ stream, revision }) => revision > (heads.get(stream) ?? -1),
      );
      return [
        fail('merkle log', found, hint),
        ...firstOf(ends).map(({ stream, revision }) =>
          fail('merkle log', endText(stream, revision, heads.get(stream)), hint),
        ),
      ];
    }
    if (kept > 0 && rootAt(tiles, kept) !== rootAt(file, kept))
      return [fail('merkle log', 'its events are not those of the store', hint)];
    return [ok('merkle log', `${count(kept, 'event')}, those of the store`)];
  } finally {
    file.close();
  }
}

async function rebuildDiagnoses(store: EventStore, path: string): Promise<readonly Diagnosis[]> {
  const progress = startProgress({ label: 'rebuild', unit: 'events' });
  try {
    const { equal, live, rebuilt } = await rebuildReadModels(store, path, {
      switchOver: false,
      onProgress: (done) => progress.update(done),
    });
    if (equal) return [ok('rebuild', 'gives the same digests as the read models in use')];
    return Object.entries(rebuilt.each)
      .filter(([name, digest]) => live.each[name] !== digest)
      .map(([name]) =>
        fail(
          'rebuild',
          `"${name}" differs from what the events give`,
          'run "ledger replay --switch"',
        ),
      );
  } finally {
    progress.stop();
  }
}
