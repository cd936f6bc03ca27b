import { existsSync } from 'node:fs';
import { Sentence, type InBoth } from '@penalty-ledger/ledger';
import type { Anchor } from './entry.js';
import type { LogCut } from './log-cut.js';
import { beginning, walk, type AccessLogDamage, type Walked } from './walk.js';

/** The result of a verification. */
export type AccessLogVerdict =
  | {
      readonly entries: number;
      readonly head: Anchor | undefined;
      /** The cut that the log begins with; its signature is not checked here. */
      readonly cut?: LogCut;
      readonly damage?: undefined;
    }
  | {
      /** Entries before the damage. */
      readonly entries: number;
      readonly damage: Omit<AccessLogDamage, 'kind'> & {
        readonly kind: AccessLogDamage['kind'] | 'anchor' | 'cut';
      };
    };

/**
 * Verifies an access log from its first entry on, or from its cut, and names the first damage.
 *
 * @param anchors entries known to have been in it: those of the access file, or any `head` that was
 * kept. Without one, a log whose last entries were cut off looks like a shorter one.
 * @param upTo the number of bytes to read: the durable ones, while the log is written; all by
 * default
 */
export async function verifyAccessLog(
  path: string,
  anchors: readonly Anchor[] = [],
  upTo?: number,
): Promise<AccessLogVerdict> {
  const expected = new Map(anchors.map(({ seq, hash }) => [seq, hash]));
  const conflict = anchors.find(({ seq, hash }) => expected.get(seq) !== hash);
  if (conflict !== undefined) {
    return damageAt(conflict.seq, 0, 0, 'anchor', {
      en: 'has two anchors that contradict each other',
      zh: '有两个互相矛盾的锚点',
    });
  }
  const from = upTo === undefined ? beginning : { ...beginning, upTo };
  const isAsAnchored = ({ seq, hash }: Anchor): boolean => (expected.get(seq) ?? hash) === hash;
  const walked: Walked = existsSync(path)
    ? await walk(path, from, isAsAnchored)
    : { last: undefined, offset: 0 };
  const { last, offset, damage, cut } = walked;
  if (cut !== undefined && !isAsAnchored(cut))
    return damageAt(cut.seq, 0, 0, 'anchor', {
      en: 'is not the one that the log says was cut off last',
      zh: '不是日志写明的最后一条已截除记录',
    });
  const next = (last?.seq ?? cut?.seq ?? -1) + 1;
  const entries = next - (cut === undefined ? 0 : cut.seq + 1);
  if (damage !== undefined && damage.kind !== 'unfinished') return { entries, damage };
  if (walked.refused !== undefined) {
    return damageAt(walked.refused.seq, offset, entries, 'anchor', {
      en: 'is not the one its anchor remembers',
      zh: '与其锚点所记不同',
    });
  }
  const furthest = Math.max(-1, ...expected.keys());
  if (furthest >= next) {
    return damageAt(next, offset, entries, 'cut', {
      en: `is gone: an anchor remembers entry ${furthest}`,
      zh: `已不存在：有锚点记着第 ${furthest} 条`,
    });
  }
  if (damage !== undefined) return { entries, damage };
  const end = last ?? cut;
  return {
    entries,
    head: end === undefined ? undefined : { seq: end.seq, hash: end.hash },
    ...(cut !== undefined && { cut }),
  };
}

function damageAt(
  seq: number,
  offset: number,
  entries: number,
  kind: 'anchor' | 'cut',
  problem: InBoth,
): AccessLogVerdict {
  return { entries, damage: { seq, offset, kind, problem: new Sentence(problem) } };
}
