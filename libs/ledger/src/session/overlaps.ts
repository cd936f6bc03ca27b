import type { InBoth } from '../in-both.js';
import { finding, type Finding } from '../findings.js';
import type { Instant } from '../instant.js';

/** The time of a session: from its start up to, but not including, its end. */
export interface SessionSpan {
  readonly sessionId: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

/** The number of sessions that a finding names; it counts the others. */
const maxNamed = 3;

/**
 * The number of overlapping sessions that are looked for. A finding must cost the same beside a
 * thousand sessions as beside one.
 */
export const overlapsSought = 100;

/**
 * The finding about a session that overlaps others of its creator (rules §6, Overlaps).
 *
 * @param others the first {@link overlapsSought} of them that are not void, by start and id
 */
export function overlappingSessions(creatorId: string, others: readonly SessionSpan[]): Finding[] {
  if (others.length === 0) return [];
  const named = others.slice(0, maxNamed).map(({ sessionId }) => `"${sessionId}"`);
  const rest = others.length - named.length;
  const more = restOf(rest, others.length < overlapsSought);
  return [
    finding('overlapping_sessions', {
      en: `the session overlaps ${named.join(', ')}${more.en} of the same creator "${creatorId}"`,
      zh: `该场次与同一达人 "${creatorId}" 的场次 ${named.join('、')}${more.zh} 时间重叠`,
    }),
  ];
}

function restOf(rest: number, isAll: boolean): InBoth {
  if (rest === 0) return { en: '', zh: '' };
  return isAll
    ? { en: ` and ${String(rest)} more`, zh: ` 及另外 ${String(rest)} 场` }
    : { en: ` and at least ${String(rest)} more`, zh: ` 及另外至少 ${String(rest)} 场` };
}

/**
 * Counts the sessions that overlap another one.
 *
 * @param counted those that are counted
 * @param all every session of the creator that may overlap one of them, themselves included
 */
export function countOverlapping(
  counted: readonly SessionSpan[],
  all: readonly SessionSpan[],
): number {
  const among = new Set(counted.map(({ sessionId }) => sessionId));
  const byStart = all.toSorted((a, b) =>
    a.startedAt === b.startedAt ? 0 : a.startedAt < b.startedAt ? -1 : 1,
  );
  let count = 0;
  let latestEnd: Instant | undefined;
  for (const [index, { sessionId, startedAt, endedAt }] of byStart.entries()) {
    const next = byStart[index + 1]?.startedAt;
    const overlapsEarlier = latestEnd !== undefined && startedAt < latestEnd;
    const overlapsLater = next !== undefined && next < endedAt;
    if ((overlapsEarlier || overlapsLater) && among.has(sessionId)) count += 1;
    if (latestEnd === undefined || latestEnd < endedAt) latestEnd = endedAt;
  }
  return count;
}
