import {
  agencyStream,
  assessment,
  DecisionsAgain,
  endOf,
  endOfTime,
  canonicalJson,
  eventIn,
  isOfSameCommand,
  ledgerStream,
  LedgerZone,
  publishedAgain,
  readEvent,
  RepeatedNames,
  rulebooks,
  rulebooksStream,
  uniqueTerms,
  type DecisionTerms,
  type InBoth,
  type RecordedDecision,
  type RulebookRegister,
  type StreamEnd,
  type StreamEvent,
  type UncheckedEvent,
} from '@penalty-ledger/ledger';
import { assessmentTerms, basesOf, checkCountable, isOneOf } from './assessed-months.js';
import { agencyEventOf, notFolded } from './computation.js';
import { checkFoldable } from './event-forms.js';
import type { Manifest } from './manifest.js';
import { PackError } from './pack-error.js';
import type { PackEvent, PackStreams } from './pack-events.js';

/** The facts of other streams that decisions in a pack rest on: they are taken as recorded. */
export interface TakenAsRecorded {
  /** The assessments whose counts rest on sessions and bindings that are not in the pack. */
  readonly assessments: number;
  /** The months whose assessments were counted again. */
  readonly countedMonths: readonly string[];
  /** The complaints about a creator, for which the agency it was bound to answers. */
  readonly complaintsAboutCreators: number;
}

/** The decisions that were made again, and what they rest on. */
export interface DecidedAgain extends TakenAsRecorded {
  readonly decisions: number;
}

/**
 * Makes every decision on the agency and on its rulebooks again, from the events before it, and
 * checks that no id is used twice (rules §12).
 *
 * @param events all events of the pack, in the order of the log
 * @param register as `checkRulebooks` gives it
 * @throws PackError `ledger_terms`, `id_twice`, `decision_differs`; `computation_events` or
 * `computation_size` when the events cannot be folded
 */
export function checkDecisions(
  events: readonly PackEvent[],
  streams: PackStreams,
  register: RulebookRegister,
  { assessments: months = [], subject: { agencyId } }: Pick<Manifest, 'assessments' | 'subject'>,
): DecidedAgain {
  const terms = termsIn(streams, register);
  assertOnce(events);
  const own = (streams.get(agencyStream(agencyId)) ?? []).map(({ event }) => event);
  checkFoldable(own, register);
  checkCountable(streams, agencyId, months);
  const published = checkPublished(streams.get(rulebooksStream) ?? [], terms);
  const again = new DecisionsAgain(agencyId, terms);
  const decisions = decisionsIn(events, agencyId, months);
  for (const decision of decisions) {
    assertTerms(decision, terms);
    assertSame(decision.events[0], () => again.next(decision));
  }
  return {
    decisions: published + decisions.length,
    assessments: own.filter(
      (event) => event.type === 'AssessmentComputed' && !isOneOf(event, months),
    ).length,
    countedMonths: months,
    complaintsAboutCreators: own.filter(
      ({ type, data }) => type === 'ComplaintFiled' && data['creatorId'] !== undefined,
    ).length,
  };
}

/** @throws PackError `ledger_terms` */
function termsIn(streams: PackStreams, register: RulebookRegister): DecisionTerms {
  const { mode, zone } = streams.get(ledgerStream)?.[0]?.event.data ?? {};
  if (mode !== 'observer' && mode !== 'operator')
    throw new PackError('ledger_terms', {
      en: 'the first event names no mode: observer or operator',
      zh: '首个事件未写明模式：observer 或 operator',
    });
  return {
    mode,
    zone: zoneNamed(zone),
    rulebooksAt: (knownAt) => rulebooks.rulebooksAt(register, knownAt),
  };
}

/** @throws PackError `ledger_terms` */
function zoneNamed(zone: unknown): LedgerZone {
  try {
    if (typeof zone === 'string') return new LedgerZone(zone, '');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new PackError('ledger_terms', {
    en: 'the first event names no time zone that this program knows',
    zh: '首个事件未写明本程序可识别的时区',
  });
}

/** @throws PackError `id_twice` */
function assertOnce(events: readonly PackEvent[]): void {
  const names = new RepeatedNames<UncheckedEvent>();
  const ends = new Map<string, StreamEnd>();
  for (const { event, leafHash } of events) {
    const { revision, stream, data } = event;
    const end = endOf(event, { revision, leafHash }, ends.get(stream));
    ends.set(stream, end);
    const idIn = (member: string): string | undefined => {
      const id = data[member];
      return typeof id === 'string' ? id : undefined;
    };
    const [repeat] = names.repeatsIn({ ...event, idIn, index: end.index }, event);
    if (repeat === undefined) continue;
    const { first, unique } = repeat;
    const { en, zh } = uniqueTerms[unique.kind];
    throw new PackError('id_twice', {
      en:
        `event ${revision} of "${stream}": its ${en} "${unique.name}" is that of ` +
        `event ${first.revision} of "${first.stream}", too`,
      zh:
        `"${stream}" 的事件 ${revision}：其${zh} "${unique.name}" 与 ` +
        `"${first.stream}" 的事件 ${first.revision} 的相同`,
    });
  }
}

/** @throws PackError `decision_differs` */
function checkPublished(chain: readonly PackEvent[], { mode, zone }: DecisionTerms): number {
  let register = rulebooks.empty;
  const recorded = chain.map(({ event }) => readOf(event, () => rulebookEventOf(event)));
  for (const event of recorded) {
    const context = { mode, zone, rulebooks: rulebooks.rulebooksAt(register, endOfTime) };
    assertSame(event, () => publishedAgain(event, recorded[0] ?? event, context));
    register = rulebooks.evolve(register, event);
  }
  return recorded.length;
}

/**
 * The decisions on the agency in order, each with the rulebooks that stand before it in the log.
 */
function decisionsIn(
  events: readonly PackEvent[],
  agencyId: string,
  months: readonly string[],
): RecordedDecision[] {
  const bases = basesOf(
    months.length === 0 ? [] : events.map(({ event }) => event),
    (event) => event.stream === agencyStream(agencyId) && isOneOf(event, months),
  );
  let register = rulebooks.empty;
  let known = rulebooks.rulebooksAt(register, endOfTime);
  let current: [StreamEvent<'agency'>, ...StreamEvent<'agency'>[]] | undefined;
  const decisions: RecordedDecision[] = [];
  for (const { event } of events) {
    if (event.stream === rulebooksStream) {
      register = rulebooks.evolve(
        register,
        readOf(event, () => rulebookEventOf(event)),
      );
      known = rulebooks.rulebooksAt(register, endOfTime);
    } else if (event.stream === agencyStream(agencyId)) {
      const own = readOf(event, () => agencyEventOf(event));
      if (current !== undefined && isOfSameCommand(own, current[0])) {
        current.push(own);
      } else {
        current = [own];
        const creators = bases.get(event.id);
        decisions.push({
          events: current,
          rulebooks: known,
          ...(creators !== undefined && { creators }),
        });
      }
    }
  }
  return decisions;
}

/**
 * Checks the parameters that an assessment is counted by.
 *
 * @throws PackError `decision_differs`
 */
function assertTerms(
  { creators, events: [first], rulebooks: known }: RecordedDecision,
  { zone }: DecisionTerms,
): void {
  if (creators === undefined || first.type !== 'AssessmentComputed') return;
  const { start, lastInstant } = assessment.spanOf(first.data.month, zone);
  for (const instant of [start, lastInstant])
    assessmentTerms(known.inForceAt(instant).document, 'decision_differs');
}

function rulebookEventOf(event: UncheckedEvent): StreamEvent<'rulebooks'> {
  return eventIn('rulebooks', readEvent({ body: canonicalJson(event) }));
}

type Place = Pick<UncheckedEvent, 'revision' | 'stream'>;

/** @throws PackError `decision_differs` when a decision made again shows a difference */
function assertSame(place: Place, decide: () => InBoth | undefined): void {
  const difference = readOf(place, decide);
  if (difference !== undefined) throw differs(place, difference);
}

/**
 * Reads something of an event.
 *
 * @throws PackError `decision_differs` for data of another form than ours
 */
function readOf<Result>(place: Place, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw differs(place, notFolded(error), { cause: error });
  }
}

function differs({ revision, stream }: Place, why: InBoth, options?: ErrorOptions): PackError {
  return new PackError(
    'decision_differs',
    {
      en: `event ${revision} of "${stream}": ${why.en}`,
      zh: `"${stream}" 的事件 ${revision}：${why.zh}`,
    },
    options,
  );
}
