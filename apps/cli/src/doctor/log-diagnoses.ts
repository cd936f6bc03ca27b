import { existsSync } from 'node:fs';
import { isUnreadable } from '@penalty-ledger/application/key-store';
import type { LedgerLocation } from '@penalty-ledger/application/store-url';
import { comparePositions, custodyOf, type EventStore } from '@penalty-ledger/event-store';
import { rootAt } from '@penalty-ledger/merkle-log';
import { LogFile } from '@penalty-ledger/sequencer';
import { verifyLedger, type CheckResult } from '@penalty-ledger/application/verification';
import { count, figure } from '../terminal/words.js';
import type { Diagnosis } from './diagnosis.js';
import { said, saidIn } from '../terminal/language.js';
import { ok, restoreStore, restoreKeys, firstOf, warn, fail } from './findings.js';
import type { EventsRead } from './store-diagnoses.js';

/** Compares the tree of the events with the one that the Merkle log keeps of them. */
export async function logDiagnoses(
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

/**
 * Finds what `verify` finds in what vouches for the events: the log, its checkpoints, the key that
 * signs, the guards of the file and, in full, the MACs of its rows. Over damaged events, which are
 * reported by themselves, nothing is said of the log.
 */
export async function vouchingDiagnoses(
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
