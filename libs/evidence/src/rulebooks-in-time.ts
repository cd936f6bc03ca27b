import {
  byCodeUnit,
  isRecordedLate,
  judgedBeforeRecording,
  rulebooksInTime,
  type Instant,
  type RulebookFindingCode,
  type RulebookReference,
  type RulebookRegister,
  type StreamEvent,
} from '@penalty-ledger/ledger';

/** A rulebook that acts of the pack were judged by, or that is in force at E. */
export interface PackRulebook extends RulebookReference {
  readonly effectiveFrom: Instant;
  /** Derived from the instants: `rulebook_late`, `retroactive_rulebook`. */
  readonly findings: readonly RulebookFindingCode[];
  /** Null when it came with the ledger. */
  readonly recordedAt: Instant | null;
  /** The revisions of the acts that it judged, and that happened before it was recorded. */
  readonly retroactive: readonly number[];
}

/** Returns the rulebooks in the order of effectiveFrom, then of their hash. */
export function rulebooksOf(
  events: readonly StreamEvent<'agency'>[],
  inForce: RulebookReference,
  register: RulebookRegister,
): PackRulebook[] {
  const known = rulebooksInTime(register);
  const named = new Set([
    inForce.sha256,
    ...events.flatMap(({ rulebook }) => rulebook?.sha256 ?? []),
  ]);
  return [...named]
    .flatMap((sha256) => known.get(sha256) ?? [])
    .map((rulebook): PackRulebook => {
      const { effectiveFrom, reference, recordedAt = null } = rulebook;
      const retroactive = events
        .filter((event) => event.rulebook?.sha256 === reference.sha256)
        .filter((event) => judgedBeforeRecording(event, known) !== undefined)
        .map(({ revision }) => revision);
      const findings: RulebookFindingCode[] = [
        ...(isRecordedLate(rulebook) ? (['rulebook_late'] as const) : []),
        ...(retroactive.length > 0 ? (['retroactive_rulebook'] as const) : []),
      ];
      return { ...reference, effectiveFrom, findings, recordedAt, retroactive };
    })
    .sort((a, b) => byCodeUnit(a.effectiveFrom, b.effectiveFrom) || byCodeUnit(a.sha256, b.sha256));
}
