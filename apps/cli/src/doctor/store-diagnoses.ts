import { existsSync } from 'node:fs';
import { systemClock } from '@penalty-ledger/application/clock';
import type { LedgerLocation } from '@penalty-ledger/application/store-url';
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
  LedgerZone,
  parseInstant,
  parseStream,
  keysNeededBy,
  placeAfter,
  placeDefects,
  readEvent,
  timeDefects,
} from '@penalty-ledger/ledger';
import { appendLeaves, MemoryTiles } from '@penalty-ledger/merkle-log';
import { examineReadModelsAt, rebuildReadModels } from '@penalty-ledger/application/read-models';
import { lagText } from '../follow/page.js';
import { settingsOf } from '../ledger/ledger-file.js';
import { startProgress } from '../terminal/progress.js';
import { count, figure } from '../terminal/words.js';
import { calendarDiagnosis } from './calendar-diagnosis.js';
import type { Diagnosis } from './diagnosis.js';
import { said, saidIn } from '../terminal/language.js';
import { ok, restoreStore, firstOf, warn, fail } from './findings.js';

export async function ledgerDiagnoses(store: EventStore): Promise<readonly Diagnosis[]> {
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

/** Tells of a file that follows another machine, took over from one, or is fenced. */
export async function custodyDiagnoses(
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

/** The tree of the events that could be read. */
export interface EventsRead {
  readonly tiles: MemoryTiles;
  size: number;
  /** The revision of the last event of each stream. */
  readonly heads: Map<string, number>;
  /** The last event's instant of recording; empty without events. */
  recordedAt: string;
  /** False until the store was read to its end, and no event of it is damaged. */
  isComplete: boolean;
}

/** Reads every event. The store checks bytes against hashes; this follows each stream's chain. */
export async function eventDiagnoses(
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
export async function calendarDiagnoses(
  store: EventStore,
  { isComplete, recordedAt }: EventsRead,
): Promise<readonly Diagnosis[]> {
  if (!isComplete) return [];
  const { simulation, zone } = await settingsOf(store);
  const now = simulation ? parseInstant(recordedAt) : systemClock.now();
  return now === undefined ? [] : [await calendarDiagnosis(store, now, new LedgerZone(zone, ''))];
}

export async function readModelDiagnoses(
  store: EventStore,
  path: string,
): Promise<readonly Diagnosis[]> {
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

export async function rebuildDiagnoses(
  store: EventStore,
  path: string,
): Promise<readonly Diagnosis[]> {
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
