import type { InBoth } from './in-both.js';
import type { Instant } from './instant.js';
import type { RulebookReference } from './event.js';
import type { RulebookRegister } from './rulebook-register.js';
import type { LedgerZone } from './zone.js';

/**
 * Findings about rulebooks in time, derived whenever they are asked for and never stored: the
 * findings of commands are a closed list (docs/decisions/rulebooks.md).
 */
export const rulebookFindingSeverities = {
  rulebook_late: 'warning',
  retroactive_rulebook: 'breach',
} as const;

export type RulebookFindingCode = keyof typeof rulebookFindingSeverities;

/** A rulebook with the instant at which the ledger recorded it. */
export interface RulebookInTime {
  readonly reference: RulebookReference;
  readonly effectiveFrom: Instant;
  /** `undefined` for one that came with the ledger, and so holds from its beginning. */
  readonly recordedAt: Instant | undefined;
}

/** Returns every rulebook of the register by its hash, with when it was recorded. */
export function rulebooksInTime({
  shipped,
  published,
}: RulebookRegister): ReadonlyMap<string, RulebookInTime> {
  const known = new Map<string, RulebookInTime>();
  for (const { recordedAt, rulebook } of published)
    known.set(rulebook.reference.sha256, { ...rulebook, recordedAt });
  // A document that came with the ledger was there from its beginning, also when it is published.
  for (const rulebook of shipped)
    known.set(rulebook.reference.sha256, { ...rulebook, recordedAt: undefined });
  return known;
}

/** Tells whether a rulebook was recorded after it claims to take effect. */
export function isRecordedLate({ recordedAt, effectiveFrom }: RulebookInTime): boolean {
  return recordedAt !== undefined && recordedAt > effectiveFrom;
}

/** The members of an event that say by which rulebook an act was judged, and when it happened. */
export interface JudgedAct {
  readonly occurredAt?: Instant;
  readonly effectiveAt?: Instant;
  readonly rulebook?: RulebookReference;
}

/**
 * Returns the instant of an act, if the rulebook that it was judged by was recorded later. An act
 * without an instant of its own happened when it was recorded, and by then its rulebook was there.
 */
export function judgedBeforeRecording(
  { occurredAt, effectiveAt, rulebook }: JudgedAct,
  known: ReadonlyMap<string, RulebookInTime>,
): Instant | undefined {
  const at = occurredAt ?? effectiveAt;
  const recordedAt = known.get(rulebook?.sha256 ?? '')?.recordedAt;
  return at !== undefined && recordedAt !== undefined && recordedAt > at ? at : undefined;
}

/** Says that a rulebook was recorded after it claims to take effect. */
export function lateText({ recordedAt, effectiveFrom }: RulebookInTime, zone: LedgerZone): InBoth {
  const recorded = recordedAt === undefined ? '' : zone.format(recordedAt);
  const from = zone.format(effectiveFrom);
  return {
    en: `recorded ${recorded}, and in force from ${from}`,
    zh: `记录于 ${recorded}，却自 ${from} 起施行`,
  };
}

/** Says that an act was judged by a rulebook that was recorded after it. */
export function retroactiveText(
  { reference, recordedAt }: RulebookInTime,
  at: Instant,
  zone: LedgerZone,
): InBoth {
  const { id, rulebookVersion } = reference;
  const recorded = recordedAt === undefined ? '' : zone.format(recordedAt);
  return {
    en: `of ${zone.format(at)}, judged by ${id} ${rulebookVersion}, recorded only ${recorded}`,
    zh:
      `行为时间为 ${zone.format(at)}，` +
      `所依据的规则 ${id} ${rulebookVersion} 于 ${recorded} 才记录`,
  };
}
