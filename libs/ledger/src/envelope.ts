import { parseCanonical } from './canonical-json.js';
import { clockActor, noPreviousEvent, type EventEnvelope } from './event.js';
import type { InBoth } from './in-both.js';
import { eventIdOf, type StreamHead } from './recording.js';
import {
  base64,
  exactly,
  integerFrom,
  isAscending,
  isHash,
  isId,
  isInstant,
  isObject,
  isStream,
  listOf,
  matching,
  objectOf,
  type ShapeCheck,
} from './shape.js';

/** A step of "Verification" in `docs/spec/event.md` that an event and the one before it decide. */
export type EventProblem =
  'bytes' | 'envelope' | 'stream' | 'revision' | 'previous' | 'recordedAt' | 'id';

/** A step that an event fails. The message is a sentence that goes on after the event's place. */
export interface EventDefect {
  readonly problem: EventProblem;
  readonly message: InBoth;
}

const notCanonical: InBoth = {
  en: 'its bytes are not canonical JSON (RFC 8785)',
  zh: '其内容不是规范 JSON（RFC 8785）',
};

/** An event whose envelope was checked, and of its data only that they are an object. */
export type UncheckedEvent = EventEnvelope<string, Readonly<Record<string, unknown>>>;

/**
 * Reads an event from its bytes, if they are an event of format 1 (`bytes` and `envelope`). This is
 * the rule: a quicker reader must find the same, and has a test that it does.
 */
export function readEnvelope(body: string): UncheckedEvent | EventDefect {
  const parsed = parseCanonical(body);
  if (parsed === undefined) return { problem: 'bytes', message: notCanonical };
  const message = misfitOf(parsed.value);
  return message === undefined
    ? (parsed.value as UncheckedEvent)
    : { problem: 'envelope', message };
}

const isName = matching(/^[A-Z][A-Za-z0-9]{0,63}$/);

const isSealedText = objectOf({
  box: base64((bytes) => bytes >= 32),
  subject: isStream,
  text: matching(/^\/[A-Za-z]{1,32}(?:\/(?:0|[1-9][0-9]{0,2}|[A-Za-z]{1,32}))?$/),
});

/** Accepts one sealed text or more, in order, each once. */
const areSealedTexts: ShapeCheck = (value) => {
  if (!listOf(isSealedText)(value)) return false;
  const texts = (value as readonly { readonly text: string }[]).map(({ text }) => text);
  return texts.length > 0 && isAscending(texts);
};

const members: Readonly<Record<keyof EventEnvelope, ShapeCheck>> = {
  actor: (value) => isId(value) || value === clockActor,
  causation: objectOf({
    command: isName,
    commandId: matching(/^[A-Za-z0-9._:@/-]{1,200}$/),
    fingerprint: isHash,
  }),
  data: isObject,
  decidedAt: isInstant,
  effectiveAt: isInstant,
  format: exactly(1),
  id: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  notifiedAt: isInstant,
  occurredAt: isInstant,
  personal: areSealedTexts,
  previous: isHash,
  recordedAt: isInstant,
  revision: integerFrom(0),
  rulebook: objectOf({ id: isId, rulebookVersion: isId, sha256: isHash }),
  schemaVersion: integerFrom(1),
  stream: isStream,
  type: isName,
};

const optional = new Set([
  ...['decidedAt', 'effectiveAt', 'notifiedAt', 'occurredAt'],
  ...['personal', 'rulebook'],
]);

/** Returns why a value is not an envelope of format 1, or `undefined` if it is one. */
function misfitOf(value: unknown): InBoth | undefined {
  if (!isObject(value)) return { en: 'it is not an object', zh: '不是对象' };
  const stray = Object.keys(value).find((name) => !Object.hasOwn(members, name));
  if (stray !== undefined)
    return {
      en: `it has a member "${stray}", which format 1 does not have`,
      zh: `有成员 "${stray}"，而格式 1 没有该成员`,
    };
  for (const [name, isOfForm] of Object.entries(members)) {
    if (Object.hasOwn(value, name)) {
      if (!isOfForm(value[name]))
        return {
          en: `its member "${name}" is not of the form of format 1`,
          zh: `成员 "${name}" 不符合格式 1`,
        };
    } else if (!optional.has(name)) {
      return { en: `it has no member "${name}"`, zh: `缺少成员 "${name}"` };
    }
  }
  return undefined;
}

/** A place in a stream, and the leaf hash of the event before it if that is known. */
export interface StreamPlace {
  readonly stream: string;
  readonly revision: number;
  readonly previous: string | undefined;
}

/** Returns the place of a stream's next event. */
export function placeAfter(stream: string, head: StreamHead | undefined): StreamPlace {
  return head === undefined
    ? { stream, revision: 0, previous: noPreviousEvent }
    : { stream, revision: head.revision + 1, previous: head.leafHash };
}

const none: readonly EventDefect[] = [];

/** Checks that an event stands in its place and continues the chain (`stream` to `previous`). */
export function placeDefects(
  { previous, revision, stream }: Pick<EventEnvelope, 'previous' | 'revision' | 'stream'>,
  place: StreamPlace,
): readonly EventDefect[] {
  const isInPlace = stream === place.stream && revision === place.revision;
  const isChained = place.previous === undefined || previous === place.previous;
  if (isInPlace && isChained) return none;
  const defects: EventDefect[] = [];
  if (!isInPlace)
    defects.push({
      problem: stream === place.stream ? 'revision' : 'stream',
      message: {
        en:
          `its bytes are revision ${revision} of stream "${stream}", ` +
          `and its place is revision ${place.revision} of "${place.stream}"`,
        zh:
          `其内容为事件流 "${stream}" 的流内序号 ${revision}，` +
          `而所在位置为 "${place.stream}" 的流内序号 ${place.revision}`,
      },
    });
  if (!isChained)
    defects.push({
      problem: 'previous',
      message: {
        en:
          `it follows an event with the hash ${previous}, ` +
          `and the one before it has ${place.previous}`,
        zh: `其所承接事件的哈希为 ${previous}，而前一事件的哈希为 ${place.previous}`,
      },
    });
  return defects;
}

/** Checks that an event was recorded at an instant or later (`recordedAt`). */
export function timeDefects(
  { recordedAt }: Pick<EventEnvelope, 'recordedAt'>,
  before: string,
): readonly EventDefect[] {
  if (recordedAt >= before) return none;
  const message: InBoth = {
    en: `it was recorded at ${recordedAt}, and the event before it at ${before}`,
    zh: `记录于 ${recordedAt}，而前一事件记录于 ${before}`,
  };
  return [{ problem: 'recordedAt', message }];
}

/** The members of an event that its place, its chain and its id depend on. */
export type ChainedEvent = Pick<
  EventEnvelope,
  'actor' | 'causation' | 'id' | 'previous' | 'recordedAt' | 'revision' | 'stream'
>;

/** The last event of a stream, as the next one is checked against it. */
export interface StreamEnd extends StreamHead {
  /** The event; `undefined` where its bytes could not be read. */
  readonly event: ChainedEvent | undefined;
  /** The number of events of its command directly before it. */
  readonly index: number;
}

/** Returns the end of a stream that goes on with this event. */
export function endOf(
  event: ChainedEvent,
  { revision, leafHash }: StreamHead,
  before: StreamEnd | undefined,
): StreamEnd {
  return { revision, leafHash, event, index: indexAfter(before, event) };
}

/**
 * Checks that an event has the id its command gives it, and is of one append with the event before
 * it if both are of one command (`id`).
 *
 * @param ledgerId `undefined` where it is lost: then the id is not computed
 */
export function idDefects(
  event: ChainedEvent,
  stream: string,
  before: StreamEnd | undefined,
  ledgerId: string | undefined,
): readonly EventDefect[] {
  const index = indexAfter(before, event);
  const isWithAppend = index === 0 || isOfOneAppend(event, before?.event);
  const id =
    ledgerId === undefined ? event.id : eventIdOf(ledgerId, stream, event.causation, index);
  if (isWithAppend && id === event.id) return none;
  const defects: EventDefect[] = [];
  if (!isWithAppend)
    defects.push({
      problem: 'id',
      message: {
        en:
          'it comes from the command of the event before it, ' +
          'and has another actor, instant or fingerprint',
        zh: '与前一事件出自同一指令，而操作人、时点或指纹不同',
      },
    });
  if (id !== event.id)
    defects.push({
      problem: 'id',
      message: {
        en: `its id is ${event.id}, and its command gives it ${id}`,
        zh: `编号为 ${event.id}，而按其指令应为 ${id}`,
      },
    });
  return defects;
}

/** Counts the events of the same command directly before an event. */
function indexAfter(before: StreamEnd | undefined, event: ChainedEvent): number {
  return before?.event !== undefined && isOfSameCommand(event, before.event) ? before.index + 1 : 0;
}

/** Says whether an event comes from the command of the one before it in its stream. */
export function isOfSameCommand(
  { causation: { command, commandId } }: Pick<ChainedEvent, 'causation'>,
  { causation: last }: Pick<ChainedEvent, 'causation'>,
): boolean {
  return last.command === command && last.commandId === commandId;
}

function isOfOneAppend(event: ChainedEvent, before: ChainedEvent | undefined): boolean {
  return (
    event.actor === before?.actor &&
    event.recordedAt === before.recordedAt &&
    event.causation.fingerprint === before.causation.fingerprint
  );
}

/** Returns the first event of a stream that fails a step, and the step; `undefined` for a chain. */
export function chainDefect(
  events: Iterable<{ readonly event: ChainedEvent; readonly leafHash: string }>,
  stream: string,
  ledgerId: string,
): { readonly at: number; readonly defect: EventDefect } | undefined {
  let before: StreamEnd | undefined;
  let at = 0;
  for (const { event, leafHash } of events) {
    const [defect] = [
      ...placeDefects(event, placeAfter(stream, before)),
      ...timeDefects(event, before?.event?.recordedAt ?? ''),
      ...idDefects(event, stream, before, ledgerId),
    ];
    if (defect !== undefined) return { at, defect };
    before = endOf(event, { revision: at, leafHash }, before);
    at += 1;
  }
  return undefined;
}
