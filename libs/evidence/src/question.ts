import {
  agency,
  rulebooks,
  firstAccountOf,
  agencyStream,
  earlierOf,
  endOfTime,
  instantOf,
  epochMsOf,
  LedgerZone,
  type AgencyHistory,
  type Instant,
  type RulebookRegister,
} from '@penalty-ledger/ledger';
import { agencyEventOf, noAppeal, notFolded, zoneIn, type PackQuestion } from './computation.js';
import type { PackSubject } from './manifest.js';
import { PackError } from './pack-error.js';
import type { PackStreams } from './pack-events.js';

/** The question for a pack; omitted members follow from the subject. */
export interface AskedQuestion {
  readonly subject: PackSubject;
  /**
   * E. For an appeal its initiation; else the end of the period, or the checkpoint if that is
   * earlier.
   */
  readonly effectiveAt?: Instant;
  /** K of "as known then". For an appeal its initiation; else the checkpoint. */
  readonly knownAt?: Instant;
  /** For an appeal, that of what it names; else the year of E in the ledger's zone. */
  readonly period?: string;
  /** For an appeal, that of what it names; else the first of the rulebook in force at E. */
  readonly account?: string;
}

/**
 * Fills in the members that were omitted.
 *
 * @param signedAt the checkpoint's
 * @throws PackError `computation_events` when the appeal does not exist
 */
export function questionFor(
  asked: AskedQuestion,
  streams: PackStreams,
  register: RulebookRegister,
  signedAt: Instant,
): PackQuestion {
  const { subject } = asked;
  const named =
    subject.appealId === undefined
      ? undefined
      : namedBy(streams, subject.agencyId, subject.appealId);
  const zone = new LedgerZone(zoneIn(streams), '');
  const end = asked.period === undefined ? signedAt : lastInstantOf(asked.period, zone);
  const effectiveAt = asked.effectiveAt ?? named?.initiatedAt ?? earlierOf(end, signedAt);
  const { document } = rulebooks.rulebooksAt(register, signedAt).inForceAt(effectiveAt);
  return {
    subject,
    effectiveAt,
    knownAt: asked.knownAt ?? named?.recordedAt ?? signedAt,
    period: asked.period ?? named?.period ?? zone.yearOf(effectiveAt),
    account: asked.account ?? named?.account ?? firstAccountOf(document).id,
  };
}

interface Initiation {
  readonly initiatedAt: Instant;
  readonly recordedAt: Instant;
  readonly period?: string;
  readonly account?: string;
}

/** Returns an appeal's initiation, with the period and account of the first act it names. */
function namedBy(streams: PackStreams, agencyId: string, appealId: string): Initiation {
  const history = historyOf(streams, agencyId);
  const appeal = history.appeals.get(appealId);
  if (appeal === undefined) throw new PackError('computation_events', noAppeal(appealId));
  const { initiatedAt, recordedAt } = appeal;
  const deduction = history.deductions.get(appeal.deductionIds[0] ?? '');
  if (deduction !== undefined) {
    const { period, account } = agency.valuesAt(deduction, endOfTime);
    return { initiatedAt, recordedAt, period, account };
  }
  const expulsion = history.expulsions[appeal.expulsion ?? -1];
  return expulsion === undefined
    ? { initiatedAt, recordedAt }
    : { initiatedAt, recordedAt, period: expulsion.period, account: expulsion.account.id };
}

function historyOf(streams: PackStreams, agencyId: string): AgencyHistory {
  try {
    return (streams.get(agencyStream(agencyId)) ?? [])
      .map(({ event }) => agencyEventOf(event))
      .reduce(agency.evolve, agency.emptyHistory());
  } catch (error) {
    throw new PackError('computation_events', notFolded(error), { cause: error });
  }
}

function lastInstantOf(period: string, zone: LedgerZone): Instant {
  return instantOf(epochMsOf(zone.startOfYear(Number(period) + 1)) - 1);
}
