import {
  Calendars,
  CalendarSchema,
  knownCalendar,
  type Calendar,
  type KnownCalendar,
} from './calendar.js';
import {
  accepted,
  acceptedWith,
  refused,
  withFindings,
  type Decision,
  type DecisionContext,
} from './decision.js';
import type { DecidedEvent, EventFacts } from './event.js';
import { finding, type Finding } from './findings.js';
import type { Instant } from './instant.js';
import {
  knownRulebook,
  Rulebooks,
  RulebookSchema,
  type KnownRulebook,
  type Rulebook,
} from './rulebook.js';
import { chinaCalendar } from './calendars/cn-holidays.js';
import { shortNotice } from './rulebook-remarks.js';
import { aliMcn20180703, aliMcn20190307 } from './rulebooks/ali-mcn.js';
import { Type } from './schema.js';

/** The data of each event of the register, by type, at schema version 1 (`docs/spec/event.md`). */
export interface RulebookEventData {
  /**
   * A rulebook that came with the program that opened the ledger, kept with it so that every rule
   * the ledger judged by stays at hand.
   */
  RulebookShipped: { readonly document: Rulebook; readonly sha256: string };
  RulebookPublished: {
    readonly document: Rulebook;
    readonly findings?: readonly Finding[];
    readonly sha256: string;
  };
  /** Holidays and make-up days: rules too, and as such in the same register. */
  CalendarPublished: { readonly document: Calendar; readonly sha256: string };
}

export type RulebookEvent = DecidedEvent<RulebookEventData>;

/** An event of the register as it was recorded. */
export type RecordedRulebookEvent = EventFacts<RulebookEventData> & {
  readonly recordedAt: Instant;
};

/** Every type of the register and the schema version it is written in. */
export const eventVersions: Readonly<Record<keyof RulebookEventData, number>> = {
  RulebookShipped: 1,
  RulebookPublished: 1,
  CalendarPublished: 1,
};

export interface RulebookRegister {
  readonly shipped: readonly KnownRulebook[];
  readonly published: readonly { readonly recordedAt: Instant; readonly rulebook: KnownRulebook }[];
  readonly calendars: readonly { readonly recordedAt: Instant; readonly calendar: KnownCalendar }[];
}

export const empty: RulebookRegister = { shipped: [], published: [], calendars: [] };

export function evolve(register: RulebookRegister, event: RecordedRulebookEvent): RulebookRegister {
  const { recordedAt } = event;
  switch (event.type) {
    case 'RulebookShipped':
      return { ...register, shipped: [...register.shipped, knownRulebook(event.data.document)] };
    case 'RulebookPublished': {
      const rulebook = knownRulebook(event.data.document);
      return { ...register, published: [...register.published, { recordedAt, rulebook }] };
    }
    case 'CalendarPublished': {
      const calendar = knownCalendar(event.data.document);
      return { ...register, calendars: [...register.calendars, { recordedAt, calendar }] };
    }
  }
}

const shippedByThisProgram = [knownRulebook(aliMcn20180703), knownRulebook(aliMcn20190307)];
const rulebooksOfThisProgram = new Rulebooks(shippedByThisProgram);

/** The calendar that comes with this program, as time-zone data do; no ledger holds it. */
export const shippedCalendar = knownCalendar(chinaCalendar);

/** The rulebooks a new ledger is opened with. */
export function shippedRulebooks(): readonly RulebookEvent[] {
  return shippedByThisProgram.map(({ document, effectiveFrom, reference }) => ({
    type: 'RulebookShipped',
    data: { document, sha256: reference.sha256 },
    effectiveAt: effectiveFrom,
    rulebook: reference,
  }));
}

/**
 * The rulebooks known at K. If none was published by then, those shipped with the ledger hold at
 * every K (interchange §2). A ledger whose opening is incomplete uses those of this program.
 */
export function rulebooksAt({ shipped, published }: RulebookRegister, knownAt: Instant): Rulebooks {
  const known = published.filter(({ recordedAt }) => recordedAt <= knownAt);
  if (known.length > 0) return new Rulebooks(known.map(({ rulebook }) => rulebook));
  return shipped.length > 0 ? new Rulebooks(shipped) : rulebooksOfThisProgram;
}

/** The calendars known at K: for each year the last one published by then, else the shipped one. */
export function calendarsAt({ calendars }: RulebookRegister, knownAt: Instant): Calendars {
  const published = calendars.filter(({ recordedAt }) => recordedAt <= knownAt);
  return new Calendars([shippedCalendar, ...published.map(({ calendar }) => calendar)]);
}

/** The schema of each command's data, by command name. */
export const commandSchemas = {
  PublishRulebook: Type.Object({ rulebook: RulebookSchema }, { additionalProperties: false }),
  PublishCalendar: Type.Object({ calendar: CalendarSchema }, { additionalProperties: false }),
} as const;

export interface PublishRulebook {
  readonly command: 'PublishRulebook';
  readonly data: { readonly rulebook: Rulebook };
}

export interface PublishCalendar {
  readonly command: 'PublishCalendar';
  readonly data: { readonly calendar: Calendar };
}

export type RegisterCommand = PublishRulebook | PublishCalendar;

/**
 * Publishes a document in which no problem was found. A repeated id and version is refused earlier,
 * as a duplicate or a conflict.
 */
export function execute(
  command: RegisterCommand,
  context: Pick<DecisionContext, 'mode'>,
): Decision<RulebookEvent> {
  switch (command.command) {
    case 'PublishRulebook':
      return publishRulebook(command, context);
    case 'PublishCalendar': {
      const { calendar } = command.data;
      const { id, calendarVersion, sha256 } = knownCalendar(calendar).reference;
      const shipped = shippedCalendar.reference;
      if (
        id === shipped.id &&
        calendarVersion === shipped.calendarVersion &&
        sha256 !== shipped.sha256
      )
        return refused('conflict', {
          en:
            `the ledger has a calendar "${id}" of version "${calendarVersion}" ` +
            'with other content; give this one another calendarVersion',
          zh:
            `账本已有节假日历 "${id}" 的版本 "${calendarVersion}"，内容不同；` +
            '请换用另一个 calendarVersion',
        });
      return accepted({ type: 'CalendarPublished', data: { document: calendar, sha256 } });
    }
  }
}

function publishRulebook(
  { data }: PublishRulebook,
  context: Pick<DecisionContext, 'mode'>,
): Decision<RulebookEvent> {
  const { rulebook } = data;
  const { reference, effectiveFrom } = knownRulebook(rulebook);
  const notice = shortNotice(rulebook);
  const findings = notice === undefined ? [] : [finding('short_notice', notice)];
  const { sha256 } = reference;
  return acceptedWith(
    findings,
    [
      {
        type: 'RulebookPublished',
        data: { document: rulebook, ...withFindings(findings), sha256 },
        effectiveAt: effectiveFrom,
        rulebook: reference,
      },
    ],
    context,
  );
}
