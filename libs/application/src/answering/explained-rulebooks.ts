import {
  byCodeUnit,
  closed,
  enumOf,
  InstantSchema,
  isRecordedLate,
  judgedBeforeRecording,
  lateText,
  nounTerms,
  nullable,
  retroactiveText,
  rulebookFindingSeverities,
  RulebookReferenceSchema,
  sentence,
  SentenceSchema,
  type InBoth,
  type Instant,
  type LedgerZone,
  type RulebookFindingCode,
  type RulebookInTime,
  type RulebookReference,
  type Shape,
  type StreamEvent,
} from '@penalty-ledger/ledger';

/** A rulebook with when it was recorded. */
export type ExplainedRulebook = Shape<typeof ExplainedRulebookSchema>;
export const ExplainedRulebookSchema = closed(
  {
    ...RulebookReferenceSchema.properties,
    effectiveFrom: InstantSchema,
    recordedAt: nullable(InstantSchema, 'null when it came with the ledger'),
  },
  { $id: 'ExplainedRulebook' },
);

export const RulebookFindingCodeSchema = enumOf(
  Object.keys(rulebookFindingSeverities) as RulebookFindingCode[],
);

/** A finding about a rulebook in time, derived when it is asked for. */
export type RulebookFinding = Shape<typeof RulebookFindingSchema>;
export const RulebookFindingSchema = closed(
  {
    code: RulebookFindingCodeSchema,
    severity: enumOf(['breach', 'warning']),
    about: SentenceSchema('rulebook mine 2, deduction d1, expulsion, …'),
    detail: SentenceSchema('what was found'),
  },
  { $id: 'RulebookFinding' },
);

/** The rulebooks that acts were judged by and the one in force, in the order of effectiveFrom. */
export function explainedRulebooks(
  acts: readonly StreamEvent<'agency'>[],
  inForce: RulebookReference,
  known: ReadonlyMap<string, RulebookInTime>,
  zone: LedgerZone,
): ExplainedRulebook[] {
  return namedBy(acts, inForce, known).map(({ reference, effectiveFrom, recordedAt }) => ({
    ...reference,
    effectiveFrom: zone.format(effectiveFrom),
    recordedAt: recordedAt === undefined ? null : zone.format(recordedAt),
  }));
}

/** Finds rulebooks that were recorded late, and acts that were judged by a later one. */
export function rulebookFindings(
  acts: readonly StreamEvent<'agency'>[],
  inForce: RulebookReference,
  known: ReadonlyMap<string, RulebookInTime>,
  zone: LedgerZone,
): RulebookFinding[] {
  const late = namedBy(acts, inForce, known).filter(isRecordedLate);
  return [
    ...late.map((rulebook) => {
      const { id, rulebookVersion } = rulebook.reference;
      const about = aboutThe('rulebook', `${id} ${rulebookVersion}`);
      return finding('rulebook_late', about, lateText(rulebook, zone));
    }),
    ...acts.flatMap((act) => {
      const rulebook = known.get(act.rulebook?.sha256 ?? '');
      const at: Instant | undefined = judgedBeforeRecording(act, known);
      return rulebook === undefined || at === undefined
        ? []
        : [finding('retroactive_rulebook', aboutOf(act), retroactiveText(rulebook, at, zone))];
    }),
  ];
}

function finding(code: RulebookFindingCode, about: InBoth, detail: InBoth): RulebookFinding {
  return {
    code,
    severity: rulebookFindingSeverities[code],
    about: sentence(about),
    detail: sentence(detail),
  };
}

function namedBy(
  acts: readonly StreamEvent<'agency'>[],
  inForce: RulebookReference,
  known: ReadonlyMap<string, RulebookInTime>,
): RulebookInTime[] {
  const hashes = new Set([inForce.sha256, ...acts.map(({ rulebook }) => rulebook?.sha256 ?? '')]);
  return [...hashes]
    .flatMap((sha256) => known.get(sha256) ?? [])
    .sort(
      (a, b) =>
        byCodeUnit(a.effectiveFrom, b.effectiveFrom) ||
        byCodeUnit(a.reference.sha256, b.reference.sha256),
    );
}

function aboutOf({ data, type }: StreamEvent<'agency'>): InBoth {
  if ('deductionId' in data) return aboutThe('deduction', data.deductionId);
  if ('appealId' in data) return aboutThe('appeal', data.appealId);
  if ('additionId' in data) return aboutThe('addition', data.additionId);
  if ('month' in data) return { en: `assessment of ${data.month}`, zh: `${data.month} 月度考核` };
  return type === 'ExpulsionExecuted' ? { en: 'expulsion', zh: '清退' } : { en: type, zh: type };
}

function aboutThe(kind: 'addition' | 'appeal' | 'deduction' | 'rulebook', id: string): InBoth {
  const { en, zh } = nounTerms[kind];
  return { en: `${en} ${id}`, zh: `${zh} ${id}` };
}
