import type { ChainedEvent } from '../envelope.js';
import type { InBoth } from '../in-both.js';

/** An event that has something which only one may have, and the first one that has it. */
export interface Repeat<Place> {
  readonly unique: Unique;
  readonly place: Place;
  readonly first: Place;
}

/** An event as far as it can repeat another. */
export interface RepeatableEvent extends Pick<
  ChainedEvent,
  'actor' | 'causation' | 'id' | 'recordedAt' | 'stream'
> {
  readonly type: string;
  /** Reads an id from the event's data. */
  readonly idIn: (member: string) => string | undefined;
  /** The number of events of its command directly before it in its stream. */
  readonly index: number;
}

/** A name that only one event may have, or the events of one command. */
export interface Unique {
  readonly kind: 'event id' | 'command id' | 'registration';
  /** Names it among all of its kind. */
  readonly name: string;
  /**
   * The command and the stream it was recorded in, for a command id: one command can begin in
   * several streams.
   */
  readonly of?: { readonly command: string; readonly stream: string };
}

/** Each kind of name as people read it. */
export const uniqueTerms: Readonly<Record<Unique['kind'], InBoth>> = {
  'event id': { en: 'event id', zh: '事件编号' },
  'command id': { en: 'command id', zh: '指令编号' },
  registration: { en: 'registration', zh: '登记' },
};

/** The types that create something, and the member of their data that is its id. */
const created: Readonly<Partial<Record<string, readonly [kind: string, member: string]>>> = {
  AgencyAdmitted: ['agency', 'agencyId'],
  DeductionImposed: ['deduction', 'deductionId'],
  AppealInitiated: ['appeal', 'appealId'],
  ComplaintFiled: ['complaint', 'complaintId'],
  GrowthPostRecorded: ['post', 'postId'],
  MeasureImposed: ['measure', 'measureId'],
  AdditionGranted: ['addition', 'additionId'],
  HumanReviewRequested: ['review', 'reviewId'],
  SessionRecorded: ['session', 'sessionId'],
  ThemeProposed: ['proposal', 'proposalId'],
  EvidenceRegistered: ['evidence', 'evidenceId'],
  LegalHoldPlaced: ['hold', 'holdId'],
};

/** Returns the record that an event created; `undefined` when it created none. */
export function createdBy({
  type,
  idIn,
}: Pick<RepeatableEvent, 'idIn' | 'type'>):
  { readonly kind: string; readonly id: string } | undefined {
  const [kind, member] = created[type] ?? [];
  const id = member === undefined ? undefined : idIn(member);
  return kind === undefined || id === undefined ? undefined : { kind, id };
}

/** Lists what an event must not share with another one (docs/spec/event.md, "Verification"). */
export function uniquesOf(event: RepeatableEvent): readonly Unique[] {
  const { id, actor, causation, type, idIn, index, recordedAt, stream } = event;
  const uniques: Unique[] = [{ kind: 'event id', name: id }];
  const record = createdBy(event);
  if (record !== undefined)
    uniques.push({ kind: 'registration', name: `${record.kind} ${record.id}` });
  const { command, commandId: recordedId, fingerprint } = causation;
  // An id that was sent, or made of what the line of an import says, has no slash.
  if (recordedId.includes('/')) return uniques;
  // With its actor's name it is the same id, which another actor had first.
  const suffix = `@${actor}`;
  const commandId = recordedId.endsWith(suffix) ? recordedId.slice(0, -suffix.length) : recordedId;
  if (type === 'AssessmentComputed') {
    // An assessment of all agencies has one in each, also when it was resumed later.
    const name = `${actor} ${commandId} for ${idIn('agencyId') ?? ''}`;
    uniques.push({ kind: 'command id', name });
  } else if (index === 0 && command !== 'ComputeAssessment') {
    const of = { command: `${fingerprint} ${recordedAt}`, stream };
    uniques.push({ kind: 'command id', name: `${actor} ${commandId}`, of });
  }
  return uniques;
}

/** Finds names that one event had before another, as events are shown in order. */
export class RepeatedNames<Place> {
  readonly #isWanted: (unique: Unique) => boolean;
  readonly #first = new Map<string, { readonly place: Place; readonly seen: Set<string> }>();

  /** @param isWanted tells which names are looked at: the others may stand as often as they do */
  constructor(isWanted: (unique: Unique) => boolean = () => true) {
    this.#isWanted = isWanted;
  }

  /** The names of an event that one before it had; all events must be shown, in order. */
  repeatsIn(event: RepeatableEvent, place: Place): readonly Repeat<Place>[] {
    return uniquesOf(event).flatMap((unique) => {
      if (!this.#isWanted(unique)) return [];
      const name = `${unique.kind} ${unique.name}`;
      const first = this.#first.get(name);
      const { command = '', stream = '' } = unique.of ?? {};
      if (first === undefined) {
        this.#first.set(name, { place, seen: new Set([command, `${command} ${stream}`]) });
        return [];
      }
      const isOfSame = unique.of !== undefined && first.seen.has(command);
      if (!isOfSame || first.seen.has(`${command} ${stream}`))
        return [{ unique, place, first: first.place }];
      first.seen.add(`${command} ${stream}`);
      return [];
    });
  }
}
