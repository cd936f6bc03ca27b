import {
  byCodeUnit,
  closed,
  InstantSchema,
  nullable,
  sentence,
  SentenceSchema,
  type AgencyHistory,
  type InBoth,
  type Instant,
  type LedgerZone,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { ActSource, AgencySources, EndedSource } from './agency-sources.js';
import { shownText, textOf } from './shown-texts.js';

/** A change of an agency's standing: an admission, an exit, a pending expulsion, an expulsion. */
export type StandingChange = Shape<typeof StandingChangeSchema>;
export const StandingChangeSchema = closed({
  at: InstantSchema,
  recordedAt: InstantSchema,
  what: SentenceSchema(),
  by: nullable(Type.String(), 'who recorded it; null for what the ledger derives'),
  reason: shownText(),
});

interface StandingFact {
  readonly at: Instant;
  readonly recordedAt: Instant;
  readonly what: InBoth;
  /** Missing for what the ledger derives. */
  readonly act?: ActSource | undefined;
}

/** Every change of the standing known at K, in the order in which it took effect. */
export function standingChanges(
  history: AgencyHistory,
  knownAt: Instant,
  sources: AgencySources,
  zone: LedgerZone,
): StandingChange[] {
  const facts: StandingFact[] = [
    ...history.admissions.map(({ effectiveAt, recordedAt }, index) => ({
      at: effectiveAt,
      recordedAt,
      what: index === 0 ? { en: 'admitted', zh: '入驻' } : { en: 'readmitted', zh: '再入驻' },
      act: sources.admissions[index],
    })),
    ...history.exits.map(({ effectiveAt, recordedAt }, index) => ({
      at: effectiveAt,
      recordedAt,
      what: { en: 'exited', zh: '退出' },
      act: sources.exits[index],
    })),
    ...history.pendings.map(({ openedAt, recordedAt, period }) => ({
      at: openedAt,
      recordedAt,
      what: {
        en: `pending expulsion opened for ${period}`,
        zh: `${period} 年度进入待清退`,
      },
    })),
    ...history.pendings.flatMap(({ ended }) =>
      ended === undefined
        ? []
        : [
            {
              at: ended.endedAt,
              recordedAt: ended.recordedAt,
              what: { en: 'pending expulsion ended', zh: '待清退结束' },
            },
          ],
    ),
    ...history.expulsions.flatMap((expulsion, number) =>
      expulsionFacts(expulsion, sources.expulsions[number], zone),
    ),
  ];
  return facts
    .filter(({ recordedAt }) => recordedAt <= knownAt)
    .sort((a, b) => byCodeUnit(a.at, b.at) || byCodeUnit(a.recordedAt, b.recordedAt))
    .map(({ at, recordedAt, what, act }) => ({
      at: zone.format(at),
      recordedAt: zone.format(recordedAt),
      what: sentence(what),
      by: act?.by ?? null,
      reason: textOf(act?.personal, 'reason'),
    }));
}

function expulsionFacts(
  { effectiveAt, recordedAt, unsupportedAt, revoked }: AgencyHistory['expulsions'][number],
  source: EndedSource | undefined,
  zone: LedgerZone,
): StandingFact[] {
  const facts: StandingFact[] = [
    { at: effectiveAt, recordedAt, what: { en: 'expelled', zh: '清退' }, act: source?.begun },
  ];
  if (unsupportedAt !== undefined) {
    const what = { en: 'expulsion no longer supported', zh: '清退的依据不再成立' };
    facts.push({ at: unsupportedAt, recordedAt: unsupportedAt, what });
  }
  if (revoked !== undefined) {
    const what = {
      en: `expulsion of ${zone.format(effectiveAt)} revoked: void from the start`,
      zh: `${zone.format(effectiveAt)} 的清退被撤销：自始无效`,
    };
    const { recordedAt: at } = revoked;
    facts.push({ at, recordedAt: at, what, act: source?.ended });
  }
  return facts;
}
