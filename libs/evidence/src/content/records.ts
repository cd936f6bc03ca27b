import type { Computation } from '../computation.js';
import type { Disclosed } from '../disclosure.js';
import type { Redaction } from '../manifest.js';
import { inOne, pair, partOf, soft, term, type Block, type Clock, type Line } from './blocks.js';
import { complaintEvents, isRecord, type AnyData, type EventLike } from './complaint-events.js';

/** An event of the pack, as it was recorded. */
export interface QuotedEvent extends EventLike {
  readonly actor: string;
  readonly decidedAt?: string;
  readonly effectiveAt?: string;
  readonly notifiedAt?: string;
  readonly occurredAt?: string;
  readonly personal?: readonly { readonly subject: string; readonly text: string }[];
  readonly recordedAt: string;
  readonly revision: number;
  readonly rulebook?: {
    readonly id: string;
    readonly rulebookVersion: string;
    readonly sha256: string;
  };
  readonly stream: string;
}

/** The data that a pack's page and PDF are drawn from (`docs/spec/evidence-pack.md`). */
export interface StatementData {
  /** The SHA-256 of the files attached, in the order of the pack. */
  readonly attachments: readonly string[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
  readonly computation: Computation;
  readonly disclosed?: readonly Disclosed[];
  /** All events of the pack, verbatim. */
  readonly events: readonly QuotedEvent[];
  /** The names that attached files had where the pack was made, by their SHA-256. */
  readonly fileNames?: Readonly<Record<string, string>>;
  /** K of "as known then". */
  readonly knownAt: string;
  readonly ledgerId: string;
  readonly redacted: readonly Redaction[];
}

/** The numbers of texts and files that a reader of this pack does not get, by reason. */
export interface LeftOut {
  readonly complaintTexts: number;
  readonly otherTexts: number;
  readonly complaintFiles: number;
  readonly otherFiles: number;
}

/** Reads the events of a statement, and remembers whose texts were printed. */
export class Records {
  /** The events of the agency's stream, in order. */
  readonly agency: readonly QuotedEvent[];
  readonly clock: Clock;
  readonly data: StatementData;
  readonly #byText: ReadonlyMap<string, string>;
  readonly #ofComplaints: ReadonlySet<string>;
  readonly #printed = new Set<string>();

  constructor(data: StatementData, clock: Clock) {
    const { computation, disclosed = [], events, redacted } = data;
    const own = `agency-${computation.agencyId}`;
    this.data = data;
    this.clock = clock;
    this.agency = events.filter(({ stream }) => stream === own);
    this.#byText = new Map(disclosed.map(({ id, text, value }) => [`${id} ${text}`, value]));
    const others = events.filter(({ stream }) => stream !== own);
    this.#ofComplaints = redacted.length === 0 ? new Set() : complaintEvents(this.agency, others);
  }

  instant(instant: string): string {
    return this.clock.instant(instant);
  }

  /** The events of a type of the agency's stream, in order. */
  of(...types: readonly string[]): readonly QuotedEvent[] {
    return this.agency.filter(({ type }) => types.includes(type));
  }

  /** Those of a type of every other stream, in the order of the log. */
  elsewhere(...types: readonly string[]): readonly QuotedEvent[] {
    return this.data.events.filter(
      ({ stream, type }) => !stream.startsWith('agency-') && types.includes(type),
    );
  }

  at(revision: number): QuotedEvent | undefined {
    return this.agency.find((event) => event.revision === revision);
  }

  isOfComplaint({ id }: QuotedEvent): boolean {
    return this.#ofComplaints.has(id);
  }

  /** A text in clear, or `undefined` when the pack does not disclose it. */
  text({ id }: QuotedEvent, text: string): string | undefined {
    return this.#byText.get(`${id} ${text}`);
  }

  /** The sealed texts of an event: each in full, or why it is not here. */
  texts(event: QuotedEvent | undefined): Block[] {
    if (event === undefined || this.#printed.has(event.id)) return [];
    this.#printed.add(event.id);
    return (event.personal ?? []).flatMap(({ text }): Block[] => {
      const value = this.text(event, text);
      if (value === undefined) return [partOf(inOne([labelOf(text), this.reasonFor(event)]))];
      return [partOf(labelOf(text)), { kind: 'quote', text: value, isPart: true }];
    });
  }

  /** A short text in one line: in clear, or why it is not here. */
  inLine(event: QuotedEvent, text: string): Line {
    this.#printed.add(event.id);
    const value = this.text(event, text);
    return value === undefined ? this.reasonFor(event) : [{ text: value, heavy: true }];
  }

  /** The reason for which the pack has not an event's text or file. */
  reasonFor(event: QuotedEvent): Line {
    return this.isOfComplaint(event)
      ? pair('略去：述及投诉', 'withheld: it tells of a complaint')
      : pair(
          '未披露：出具方未随附其密钥，或已依法删除',
          'not disclosed: who made this pack left its key out, or it was erased',
        );
  }

  /** Events with texts that were printed nowhere yet. */
  unprinted(): readonly QuotedEvent[] {
    return this.data.events.filter(
      (event) =>
        (event.personal ?? []).length > 0 && !this.#printed.has(event.id) && !this.#isAside(event),
    );
  }

  /** Says that no text of an event is disclosed, nor needed: no assessment rests on one. */
  #isAside(event: QuotedEvent): boolean {
    const { personal = [], stream } = event;
    return (
      /^(?:creator|session)-/.test(stream) &&
      personal.every(({ text }) => this.text(event, text) === undefined)
    );
  }

  leftOut(): LeftOut {
    const { attachments, events } = this.data;
    const attached = new Set<unknown>(attachments);
    const counted = { complaintTexts: 0, otherTexts: 0, complaintFiles: 0, otherFiles: 0 };
    for (const event of events) {
      const isOne = this.isOfComplaint(event);
      if (this.#isAside(event)) continue;
      const hidden = (event.personal ?? []).filter(
        ({ text }) => this.text(event, text) === undefined,
      );
      counted[isOne ? 'complaintTexts' : 'otherTexts'] += hidden.length;
      if (event.type !== 'EvidenceRegistered' || attached.has(event.data['sha256'])) continue;
      counted[isOne ? 'complaintFiles' : 'otherFiles'] += 1;
    }
    return counted;
  }
}

/** The place of a text in its event, as the statement calls it: `/titles/0` is a title. */
function labelOf(text: string): Line {
  return term(`text:${text.slice(1).replace(/\/\d+$/, '')}`);
}

/** The instant of an event in the world it tells of, which may be long before it was recorded. */
export function effectOf(event: QuotedEvent): string {
  return event.effectiveAt ?? event.decidedAt ?? event.occurredAt ?? event.recordedAt;
}

/** `2019-03-30 10:00:00 #9`: when and where it was recorded. */
export function recordedOf(
  records: Records,
  { recordedAt, revision, stream }: Pick<QuotedEvent, 'recordedAt' | 'revision' | 'stream'>,
): Line {
  const place = stream.startsWith('agency-') ? `#${revision}` : stream;
  return [
    ...pair('记录', 'recorded'),
    { text: ` ${records.instant(recordedAt)}` },
    ...soft(` ${place}`),
  ];
}

/** A member of an event's data as text; empty when it is none. */
export function textOfMember(data: AnyData, name: string): string {
  const value = data[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A member as a whole number; 0 when it is none. */
export function numberOfMember(data: AnyData, name: string): number {
  const value = data[name];
  return typeof value === 'number' ? value : 0;
}

export function recordOfMember(data: AnyData, name: string): AnyData {
  const value = data[name];
  return isRecord(value) ? value : {};
}

/** A member that is a list of texts. */
export function textsOfMember(data: AnyData, name: string): readonly string[] {
  const value = data[name];
  return Array.isArray(value)
    ? (value as readonly unknown[]).filter((each) => typeof each === 'string')
    : [];
}
