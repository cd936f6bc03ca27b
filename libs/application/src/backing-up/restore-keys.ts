import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { IntegrityError, syncFolder, type Position } from '@penalty-ledger/event-store';
import {
  checkOf,
  erasure,
  erasuresStream,
  eventIn,
  readEvent,
  type Instant,
} from '@penalty-ledger/ledger';
import { LogFile } from '@penalty-ledger/sequencer';
import { AccessFile } from '../access/access-file.js';
import { Anchors, localUser, UnloggedActs } from '../access/access-log/index.js';
import { ApiKeys } from '../access/api-keys/index.js';
import { FourEyes } from '../access/four-eyes/index.js';
import { systemClock, type Clock } from '../clock.js';
import { KeyStore } from '../keys/key-store.js';
import { KeysFileError } from '../keys/secret-file.js';
import { NoLedgerError } from '../opening/open-ledger.js';
import { findSettings } from '../stores/ledger-settings.js';
import { openExistingStore } from '../stores/open-store.js';
import { secondLocationOf, type FilesElsewhere, type LedgerLocation } from '../stores/store-url.js';
import type { Opening } from './age-file.js';
import { writeDurably } from './durable-file.js';
import { moveCursors, readKeysFile, type KeysFile } from './keys-backup.js';

/** A file of keys, and the secret that opens it. */
export interface KeysGiven {
  readonly path: string;
  readonly opening?: Opening | undefined;
}

/** The keys that a ledger got back. */
export interface KeysRestored {
  /** Keys of subjects that were not there. */
  readonly subjects: number;
  /** The subjects whose key was left out, because they are erased. */
  readonly erased: readonly string[];
  /** The events that the ledger held when the keys were backed up. */
  readonly events: number;
  /** API keys and webhooks: restored, left as they were found, or not in the file. */
  readonly access: 'restored' | 'kept' | 'none';
  /** True when the service stays closed until an administrator confirms the restore. */
  readonly awaitsAdministrator: boolean;
}

/** Keys that were restored alone, and whether the ledger is a simulation. */
export interface KeysAloneRestored extends KeysRestored {
  readonly simulation: boolean;
}

/** The ledger that keys are restored to. */
export interface KeysTarget {
  readonly location: LedgerLocation;
  readonly ledgerId: string;
  /** The subjects that are erased, as far as it is known. */
  readonly erased: ReadonlySet<string>;
  readonly events: number;
  /** The entries of its access log. */
  readonly accessEntries: number;
  /** True when an access file that is there may be replaced. */
  readonly replacesAccess: boolean;
  readonly now: Instant;
}

/** @throws KeysFileError when a file of keys is of another ledger, or cannot be read */
export async function readKeysOf(
  { path, opening }: KeysGiven,
  ledgerId: string,
): Promise<KeysFile> {
  const file = await readKeysFile(path, opening);
  if (file.header.ledgerId !== ledgerId)
    throw new KeysFileError({
      en:
        `"${path}" holds the keys of the ledger ${file.header.ledgerId}, and this one is ` +
        ledgerId,
      zh: `"${path}" 中是账本 ${file.header.ledgerId} 的密钥，而当前账本是 ${ledgerId}`,
    });
  return file;
}

/**
 * Gives a ledger its keys. The key of an erased subject is destroyed instead, also one that the
 * ledger still has.
 *
 * @param file left out when only keys that are there are to be destroyed
 * @throws KeysDifferError when the ledger has another key for a subject; KeysOfAnotherLedgerError
 */
export async function giveKeys(
  file: KeysFile | undefined,
  target: KeysTarget,
): Promise<KeysRestored | undefined> {
  const { location, ledgerId, erased } = target;
  if (file === undefined && !existsSync(location.keys)) return undefined;
  const given = KeyStore.holding(file?.contents ?? { subjects: [], signing: [] });
  const there = KeyStore.open(location.keys, ledgerId);
  try {
    there.claim(ledgerId);
    const leftOut = (file?.contents.subjects ?? [])
      .filter(({ key }) => key !== null)
      .map(({ subject }) => subject)
      .filter((subject) => erased.has(subject) || there.stateOf(subject) === 'destroyed');
    for (const subject of erased) given.destroy(subject);
    const subjects = given.copyTo(there);
    if (file === undefined) return undefined;
    const access = await giveAccess(file.access, target);
    return { subjects, erased: leftOut.sort(), events: file.header.events, ...access };
  } finally {
    there.close();
    given.close();
  }
}

/**
 * Restores keys alone, to a ledger that exists. It may be in use.
 *
 * @throws NoLedgerError, KeysFileError, KeysDifferError, StoreUnavailableError
 */
export async function restoreKeys(
  to: string,
  keys: KeysGiven,
  erased: ReadonlySet<string>,
  elsewhere?: FilesElsewhere,
  clock: Clock = systemClock,
): Promise<KeysAloneRestored> {
  const location = secondLocationOf(to, elsewhere);
  const store = await openExistingStore(location, { access: 'read' });
  try {
    const settings = await findSettings(store);
    if (settings === undefined)
      throw new NoLedgerError({
        en: `there is no ledger in ${location.url}`,
        zh: `${location.url} 中没有账本`,
      });
    const { ledgerId, simulation } = settings;
    const file = await readKeysOf(keys, ledgerId);
    const known = new Set(erased);
    for await (const batch of store.readStream(erasuresStream))
      for (const record of batch) {
        const { type, data } = eventIn('erasures', readEvent(record));
        if (type === 'SubjectErased') known.add(data.subject);
      }
    const log = existsSync(location.log) ? LogFile.open(location.log, 'read') : undefined;
    const events = log?.progress.size ?? 0;
    log?.close();
    const target = { location, ledgerId, erased: known, events };
    const restored = (await giveKeys(file, {
      ...target,
      accessEntries: Number.MAX_SAFE_INTEGER,
      replacesAccess: false,
      now: clock.now(),
    })) as KeysRestored;
    return { ...restored, simulation };
  } finally {
    await store.close();
  }
}

const checkSubject = checkOf(erasure.eraseSubjectSchema.properties.subject, 'subject');

/**
 * Reads the subjects of a list: a subject a line, or lines of `ledger export`, of which only
 * erasures count.
 *
 * @throws KeysFileError for a line that is neither
 */
export function erasedIn(text: string, path: string): ReadonlySet<string> {
  const erased = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const subject = line.startsWith('{') ? erasedByEvent(line) : line;
    if (subject === null) continue;
    if (subject === undefined || checkSubject(subject).length > 0)
      throw new KeysFileError(
        {
          en: `line ${index + 1} of "${path}" is neither a subject nor an event`,
          zh: `"${path}" 的第 ${index + 1} 行既不是主体也不是事件`,
        },
        {
          en:
            'give agency:ID, complaint:ID, creator:ID or evidence:ID, ' +
            'or lines of "ledger export"',
          zh:
            '请给出 agency:ID、complaint:ID、creator:ID 或 evidence:ID，' +
            '或 "ledger export" 输出的行',
        },
      );
    erased.add(subject);
  }
  return erased;
}

/** The subject that an event erases; null for another event, `undefined` for no event. */
function erasedByEvent(line: string): string | null | undefined {
  try {
    const event = readEvent({ body: line });
    return event.type === 'SubjectErased' ? event.data.subject : null;
  } catch {
    return undefined;
  }
}

/** @throws KeysFileError when the bytes are not an access file; IntegrityError for the one there */
async function giveAccess(
  bytes: Uint8Array | undefined,
  target: KeysTarget,
): Promise<Pick<KeysRestored, 'access' | 'awaitsAdministrator'>> {
  const { access } = target.location;
  if (existsSync(access) && !target.replacesAccess) {
    const file = AccessFile.open(access);
    try {
      leaveAct(file, target);
    } finally {
      file.close();
    }
    return { access: bytes === undefined ? 'none' : 'kept', awaitsAdministrator: false };
  }
  if (bytes === undefined) return { access: 'none', awaitsAdministrator: false };
  // Under its name it would be taken for a good one by the next restore.
  const unchecked = `${access}-restored`;
  try {
    await writeDurably(unchecked, bytes);
    const awaitsAdministrator = fitAccess(unchecked, target);
    // The log of the file that was there must not be read into the new one.
    for (const ending of ['-wal', '-shm']) rmSync(`${access}${ending}`, { force: true });
    renameSync(unchecked, access);
    syncFolder(dirname(access));
    return { access: 'restored', awaitsAdministrator };
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    throw new KeysFileError(
      {
        en: 'the API keys and webhooks in the file of keys are damaged; the keys are restored',
        zh: '密钥文件中的 API 密钥和 webhook 已损坏；密钥已恢复',
      },
      {
        en: 'give another copy of the file that "ledger backup --keys" wrote',
        zh: '请给出 "ledger backup --keys" 所写文件的另一份副本',
      },
      { cause: error },
    );
  } finally {
    for (const ending of ['', '-wal', '-shm']) rmSync(`${unchecked}${ending}`, { force: true });
  }
}

/**
 * Takes out of a restored access file what names later events or entries than were restored. With
 * four eyes it stays closed until an administrator confirms it.
 */
function fitAccess(path: string, target: KeysTarget): boolean {
  const { location, events, accessEntries, now } = target;
  const file = AccessFile.open(path);
  try {
    const tree = existsSync(location.log) ? LogFile.open(location.log, 'read') : undefined;
    try {
      const positionOf = (number: number): Position =>
        tree === undefined ? String(number) : tree.positionOf(number - 1);
      moveCursors(file, (number) => positionOf(Math.min(Number(number), Math.max(1, events))));
      new Anchors(file).dropFrom(accessEntries);
    } finally {
      tree?.close();
    }
    leaveAct(file, target);
    const fourEyes = new FourEyes(file, new ApiKeys(file));
    if (fourEyes.isOn) fourEyes.holdRestore(events, localUser(), now);
    return fourEyes.isOn;
  } finally {
    file.close();
  }
}

/** Leaves the restore for the access log, as every act on this machine. */
function leaveAct(file: AccessFile, { events, now }: KeysTarget): void {
  const subject = { events: String(events) };
  new UnloggedActs(file).leave({ principal: localUser(), route: 'restore', subject }, now);
}
