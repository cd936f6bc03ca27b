import type { InBoth } from '@penalty-ledger/application/language';
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '@penalty-ledger/application/clock';
import { finishErasures } from '@penalty-ledger/application/finish-erasures';
import { secretIn } from '@penalty-ledger/application/key-secret';
import { isUnreadable, KeyStore, signingKeyName } from '@penalty-ledger/application/key-store';
import { assertKeySigned, SigningKeyLostError } from '@penalty-ledger/application/open-log';
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
import { verifyLedger, type CheckResult } from '@penalty-ledger/application/verification';
import { examineReadModelsAt, rebuildReadModels } from '@penalty-ledger/application/read-models';
import { endingOf } from '../terminal/exit-codes.js';
import { lagText } from '../follow/page.js';
import { keptHeads } from '../ledger/kept-heads.js';
import { settingsOf } from '../ledger/ledger-file.js';
import { startProgress } from '../terminal/progress.js';
import { count, figure } from '../terminal/words.js';
import { calendarDiagnosis } from './calendar-diagnosis.js';
import { worstOfEach, type Check, type Diagnosis } from './diagnosis.js';
import { said, saidIn } from '../terminal/language.js';

const ok = (check: Check, found: string): Diagnosis => ({ status: 'ok', check, found });
const warn = (check: Check, found: string, hint: string): Diagnosis => ({
  status: 'warn',
  check,
  found,
  hint,
});
const fail = (check: Check, found: string, hint: string): Diagnosis => ({
  status: 'fail',
  check,
  found,
  hint,
});

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

function nodeDiagnosis(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = said(
    `${process.version}, time-zone data ${process.versions['tz'] ?? 'unknown'}`,
    `${process.version}，时区数据 ${process.versions['tz'] ?? '未知'}`,
  );
  return major > 20 || (major === 20 && minor >= 19)
    ? ok('node', found)
    : fail('node', found, said('use Node 20.19 or later', '请使用 Node 20.19 或更高版本'));
}

const scarceBytes = 200_000_000;

function diskDiagnosis({ readModels }: LedgerLocation): Diagnosis {
  let folder = dirname(readModels);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = said(
    `${figure(Math.floor((bavail * bsize) / 1_000_000))} MB free`,
    `可用空间 ${figure(Math.floor((bavail * bsize) / 1_000_000))} MB`,
  );
  return bavail * bsize >= scarceBytes
    ? ok('disk', free)
    : warn(
        'disk',
        free,
        said('free some space before the next import', '请在下次导入前腾出一些空间'),
      );
}

async function ledgerDiagnoses(store: EventStore): Promise<readonly Diagnosis[]> {
  const { ledgerId, mode, simulation, zone } = await settingsOf(store);
  return [
    ok(
      'ledger',
      said(
        `${ledgerId}, ${mode}, ${simulation ? 'simulation' : 'real'}, ${zone}`,
        `${ledgerId}，${mode}，${simulation ? '模拟账本' : '正式账本'}，${zone}`,
      ),
    ),
  ];
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
  const other = custody.other === '' ? said('another machine', '另一台机器') : custody.other;
  if (custody.role === 'writer')
    return [ok('custody', said(`took over from ${other}`, `已从 ${other} 接管`))];
  if (custody.role === 'fenced')
    return [
      warn(
        'custody',
        said(`fenced: ${other} took over`, `已隔离：${other} 已接管`),
        said('work there; this file can still be read', '请在那边工作；本文件仍可读取'),
      ),
    ];
  const { contradicted } = copyDetailsOf(custody);
  if (contradicted !== undefined)
    return [
      fail(
        'custody',
        said(`follows ${other}: ${contradicted.en}`, `跟随 ${other}：${contradicted.zh}`),
        said('follow a trusted source into a new file', '请改为跟随可信的源，并写入新文件'),
      ),
    ];
  const status = readStatus(statusFileOf(location.events));
  const found = said(`follows ${other}`, `跟随 ${other}`);
  if (status === undefined)
    return [
      warn(
        'custody',
        said(`${found}; nothing notes how far`, `${found}；没有进度记录`),
        said('start "ledger follow"', '请启动 "ledger follow"'),
      ),
    ];
  const lag = said(
    `${found}; ${lagText(status)}, noted ${status.at}`,
    `${found}；${lagText(status)}，记于 ${status.at}`,
  );
  return status.state === 'following'
    ? [ok('custody', lag)]
    : [
        warn(
          'custody',
          lag,
          said('"ledger follow --status" says why', '"ledger follow --status" 会说明原因'),
        ),
      ];
}

const restoreStore: InBoth = {
  en: 'restore the store from a backup; "ledger verify" names every event',
  zh: '请从备份恢复存储；"ledger verify" 会指出每个事件',
};

const restoreKeys: InBoth = {
  en: 'restore the key file from its own backup; until then their names and texts cannot be read',
  zh: '请从密钥文件自己的备份恢复；在此之前无法读取其名称和文字',
};

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
  const progress = startProgress({ label: said('read', '读取'), unit: said('events', '事件') });
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
    return firstOf(damages).map((damage) =>
      fail('events', saidIn(damageText(damage)), saidIn(restoreStore)),
    );
  read.isComplete = true;
  const agencies = [...heads.keys()].filter(
    (stream) => parseStream(stream)?.kind === 'agency',
  ).length;
  const found = said(
    `${count(events, 'event')} in ${count(heads.size, 'stream')}, ` +
      `${count(agencies, 'agency', 'agencies')}; every hash and chain holds`,
    `${figure(events)} 个事件，${figure(heads.size)} 个事件流，${figure(agencies)} 家机构；` +
      '全部哈希与链均相符',
  );
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
      ? [ok('keys', said('none needed yet', '尚不需要'))]
      : [fail('keys', said(`"${path}" is missing`, `缺少 "${path}"`), saidIn(restoreKeys))];
  }
  if (isUnreadable(path))
    return [
      warn(
        'keys',
        said(`"${path}" cannot be read by this user`, `当前用户无权读取 "${path}"`),
        said(
          'names and texts stay sealed, and nothing can be signed; everything else can be read',
          '名称和文字保持封存，且不能签名；其余均可读取',
        ),
      ),
    ];
  const mode = statSync(path).mode & 0o777;
  const keys = KeyStore.open(path, (await settingsOf(store)).ledgerId);
  const erasedAgain = await finishErasures(store, keys);
  const isGone = keys.removeDestroyed();
  const states = [...subjects].map((subject) => keys.stateOf(subject));
  const erased = states.filter((state) => state === 'destroyed').length;
  const missing = states.filter((state) => state === 'never').length;
  const held = said(count(keys.subjects, 'subject key'), `${figure(keys.subjects)} 个主体密钥`);
  const kept = keptOf(keys.isProtected);
  keys.close();
  return [
    ...(missing === 0
      ? []
      : [
          fail(
            'keys',
            said(
              `${count(missing, 'subject')} in the events and not in "${path}"`,
              `事件中有 ${figure(missing)} 个主体在 "${path}" 中没有密钥`,
            ),
            saidIn(restoreKeys),
          ),
        ]),
    mode === 0o600
      ? kept.hint === undefined
        ? ok('keys', `${held}, ${kept.how}`)
        : warn('keys', `${held}, ${kept.how}`, kept.hint)
      : warn(
          'keys',
          said(
            `${held}, in a file of mode ${mode.toString(8)}`,
            `${held}，所在文件的权限为 ${mode.toString(8)}`,
          ),
          `chmod 600 ${path}`,
        ),
    ...erasedDiagnoses(path, { erased, erasedAgain, isGone }),
  ];
}

/** The state of the keys of erased subjects. */
function erasedDiagnoses(
  path: string,
  found: { readonly erased: number; readonly erasedAgain: number; readonly isGone: boolean },
): readonly Diagnosis[] {
  const { erased, erasedAgain, isGone } = found;
  return [
    ...(erasedAgain === 0
      ? []
      : [
          warn(
            'erased',
            said(
              `${count(erasedAgain, 'key')} of erased subjects in "${path}", destroyed now: ` +
                'an older file was put back, or an erasure was interrupted',
              `"${path}" 中仍有 ${figure(erasedAgain)} 个已删除主体的密钥，现已销毁：` +
                '该文件曾被换回旧文件，或删除曾中断',
            ),
            said('destroy the older copies of the key file', '请销毁密钥文件的旧副本'),
          ),
        ]),
    ...(isGone
      ? []
      : [
          warn(
            'erased',
            said(
              `another program reads "${path}": ` +
                'bytes of destroyed keys may be left in it or its log',
              `另一个程序正在读取 "${path}"：其中或其日志中可能仍有已销毁密钥的字节`,
            ),
            said('end that program, and run doctor again', '请结束该程序，再运行 doctor'),
          ),
        ]),
    ok(
      'erased',
      erased === 0
        ? said('no subject', '没有主体')
        : said(
            `${count(erased, 'subject')} without a key: their names and texts are gone`,
            `${figure(erased)} 个主体已无密钥：其名称和文字已删除`,
          ),
    ),
  ];
}

/** The way keys are kept, and what to do when it is not the one that was set. */
function keptOf(isProtected: boolean): { readonly how: string; readonly hint?: string } {
  if (isProtected) return { how: said('protected by a passphrase', '有口令保护') };
  const how = said('readable only by their owner, without a passphrase', '仅所有者可读，没有口令');
  return secretIn() === undefined
    ? { how }
    : {
        how,
        hint: said(
          'a passphrase is set, and the file is in plain text: "ledger keys protect"',
          '已设置口令，但文件仍为明文："ledger keys protect"',
        ),
      };
}

async function readModelDiagnoses(store: EventStore, path: string): Promise<readonly Diagnosis[]> {
  if (!existsSync(path))
    return [
      warn(
        'read models',
        said('none yet', '尚无'),
        said('the next query builds them', '下次查询时生成'),
      ),
    ];
  const { progress, damage } = await examineReadModelsAt(path, store);
  if (damage.length > 0)
    return damage.map((found) =>
      fail(
        'read models',
        said(`"${path}": ${found.en}`, `"${path}"：${found.zh}`),
        said('the next command or query rebuilds them', '下一条指令或查询会重建'),
      ),
    );
  const { cursor, events } = progress;
  const ahead = comparePositions(cursor, await store.head());
  if (ahead > 0) {
    const found = said(
      'they have seen later events than the store holds: its tail is gone',
      '读模型见过的事件比存储中的更新：存储的末尾丢失',
    );
    return [
      fail('read models', found, said('restore the store from a backup', '请从备份恢复存储')),
    ];
  }
  return ahead === 0
    ? [
        ok(
          'read models',
          said(`at the head, ${count(events, 'event')}`, `与存储同步，${figure(events)} 个事件`),
        ),
      ]
    : [
        warn(
          'read models',
          said(
            `behind the head, at ${count(events, 'event')}`,
            `落后于存储，处于 ${figure(events)} 个事件处`,
          ),
          said('the next query brings them up to date', '下次查询会更新'),
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
      stream === undefined
        ? saidIn(what)
        : said(`stream ${stream}: ${what.en}`, `事件流 ${stream}：${what.zh}`),
      saidIn(hint),
    ),
  );
  const recorded = said(
    `${count(standing.size, 'alarm')} recorded that ${standing.size === 1 ? 'stands' : 'stand'}`,
    `已记录且仍有效的警报 ${figure(standing.size)} 个`,
  );
  return [
    ...alarmDiagnoses,
    standing.size === 0
      ? ok('alarms', recorded)
      : warn(
          'alarms',
          recorded,
          said(
            `"ledger export" has them in the stream "${alarmsStream}"`,
            `"ledger export" 的事件流 "${alarmsStream}" 中有这些警报`,
          ),
        ),
  ];
}

/** Findings of one kind that are shown. */
const findingsShown = 20;

function firstOf<Found>(found: readonly Found[]): readonly Found[] {
  return found.slice(0, findingsShown);
}

function endText(stream: string, kept: number, there: number | undefined): string {
  const end =
    there === undefined
      ? said('has none of its events', '没有它的任何事件')
      : said(`ends it at revision ${figure(there)}`, `止于流内序号 ${figure(there)}`);
  return said(
    `stream ${stream}: it has its revision ${figure(kept)}, and the store ${end}`,
    `事件流 ${stream}：日志有其流内序号 ${figure(kept)}，而存储${end}`,
  );
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
    const hint = said(
      'restore the store from a backup; "ledger verify" says which events differ',
      '请从备份恢复存储；"ledger verify" 会指出哪些事件不同',
    );
    if (kept > size) {
      const lack =
        comparePositions(head, cursor) < 0
          ? said('its tail is gone', '末尾丢失')
          : said('some are missing', '缺少一部分');
      const found = said(
        `it has ${count(kept, 'event')} and the store ${figure(size)}: ${lack}`,
        `日志有 ${figure(kept)} 个事件，存储有 ${figure(size)} 个：${lack}`,
      );
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
      return [
        fail(
          'merkle log',
          said('its events are not those of the store', '其中的事件不是存储中的事件'),
          hint,
        ),
      ];
    return [
      ok(
        'merkle log',
        said(`${count(kept, 'event')}, those of the store`, `${figure(kept)} 个事件，与存储一致`),
      ),
    ];
  } finally {
    file.close();
  }
}

/** Compares the key that signs with the latest checkpoint. */
async function signingKeyDiagnoses(
  store: EventStore,
  { keys: path, log }: LedgerLocation,
): Promise<readonly Diagnosis[]> {
  const isCopy = custodyOf(store)?.role === 'follower';
  if (isCopy || !existsSync(log) || !existsSync(path) || isUnreadable(path)) return [];
  const file = LogFile.open(log, 'read');
  const keys = KeyStore.open(path);
  try {
    const latest = file.latestCheckpoint();
    if (latest === undefined) return [];
    const name = signingKeyName((await settingsOf(store)).ledgerId);
    try {
      assertKeySigned(keys, name, latest.note);
    } catch (error) {
      if (!(error instanceof SigningKeyLostError)) throw error;
      return [fail('signing key', endingOf(error).message, saidIn(restoreKeys))];
    }
    return [
      ok('signing key', said('the one of the latest checkpoint', '与最新检查点的签名密钥一致')),
    ];
  } finally {
    keys.close();
    file.close();
  }
}

/**
 * Finds what `verify` finds in what vouches for the events: the log, its checkpoints, the key that
 * signs, the guards of the file and, in full, the MACs of its rows. Over damaged events, which are
 * reported by themselves, nothing is said of the log.
 */
async function vouchingDiagnoses(
  store: EventStore,
  { isComplete }: EventsRead,
  location: LedgerLocation,
  full: boolean,
): Promise<readonly Diagnosis[]> {
  if (isUnreadable(location.keys) && custodyOf(store)?.role !== 'follower') return [];
  const { checks } = await verifyLedger({
    url: location.url,
    extent: 'stored',
    rowMacs: full,
  });
  return checks.flatMap((result): readonly Diagnosis[] => {
    switch (result.check) {
      case 'keys':
        return firstOf(result.damages).map(({ problem }) =>
          fail('keys', saidIn(problem), saidIn(restoreKeys)),
        );
      case 'tree':
        return isComplete ? treeDamages(result) : [];
      case 'checkpoints':
        return isComplete ? vouching('checkpoints', result) : [];
      case 'guards':
      case 'row MACs':
        return vouching(result.check, result);
      default:
        return [];
    }
  });
}

/** The damages of the tree that is kept; one that holds was told of. */
function treeDamages({ damages }: CheckResult): readonly Diagnosis[] {
  return firstOf(damages).map(({ problem }) =>
    fail('merkle log', saidIn(problem), saidIn(restoreStore)),
  );
}

/** A check that found nothing says how much it looked at. */
function vouching(
  check: 'checkpoints' | 'guards' | 'row MACs',
  { count: looked, damages, notMade }: CheckResult,
): readonly Diagnosis[] {
  const hint = said(
    'restore that file from a backup; "ledger verify" says more',
    '请从备份恢复该文件；"ledger verify" 会详细说明',
  );
  if (damages.length > 0)
    return firstOf(damages).map(({ position, problem }) =>
      fail(
        check,
        position === undefined
          ? saidIn(problem)
          : said(
              `position ${String(position)}: ${saidIn(problem)}`,
              `位置 ${String(position)}：${saidIn(problem)}`,
            ),
        hint,
      ),
    );
  if (notMade !== undefined)
    return [
      warn(
        check,
        said(`not checked: ${saidIn(notMade)}`, `未检查：${saidIn(notMade)}`),
        said('nothing is said of it', '对此不作结论'),
      ),
    ];
  switch (check) {
    case 'checkpoints':
      return [
        ok(
          check,
          said(
            `${figure(looked)} kept; every signature and root holds`,
            `已保存 ${figure(looked)} 个；全部签名与根均相符`,
          ),
        ),
      ];
    case 'guards':
      return [ok(check, said(count(looked, 'trigger'), `${figure(looked)} 个触发器`))];
    case 'row MACs':
      return [
        ok(
          check,
          said(
            `${count(looked, 'event')}, stored by this ledger`,
            `${figure(looked)} 个事件，均由本账本存入`,
          ),
        ),
      ];
    default:
      return [];
  }
}

async function rebuildDiagnoses(store: EventStore, path: string): Promise<readonly Diagnosis[]> {
  const progress = startProgress({ label: said('rebuild', '重建'), unit: said('events', '事件') });
  try {
    const { equal, live, rebuilt } = await rebuildReadModels(store, path, {
      switchOver: false,
      onProgress: (done) => progress.update(done),
    });
    if (equal)
      return [
        ok(
          'rebuild',
          said('gives the same digests as the read models in use', '摘要与使用中的读模型相同'),
        ),
      ];
    return Object.entries(rebuilt.each)
      .filter(([name, digest]) => live.each[name] !== digest)
      .map(([name]) =>
        fail(
          'rebuild',
          said(`"${name}" differs from what the events give`, `"${name}" 与根据事件得出的不同`),
          said('run "ledger replay --switch"', '请运行 "ledger replay --switch"'),
        ),
      );
  } finally {
    progress.stop();
  }
}
