import { accepted, refused, type Decision, type DecisionContext } from '../decision.js';
import { byCodeUnit } from '../canonical-json.js';
import type { DecidedEvent, EventFacts } from '../event.js';
import type { Instant } from '../instant.js';
import {
  closed,
  described,
  IdSchema,
  InstantSchema,
  MonthSchema,
  nullable,
  Type,
  type Shape,
  wanted,
} from '../schema.js';
import type { LedgerZone } from '../zone.js';
import { aliMcnSupport, type SupportTerms } from './support-terms.js';

/**
 * The data of each event of a month's themes, by type, at schema version 1 (`docs/spec/event.md`,
 * "Traffic support").
 */
export interface ThemesEventData {
  ThemeProposed: {
    readonly agencyId: string;
    readonly month: string;
    readonly proposalId: string;
    readonly title: string;
  };
  ThemeSelected: {
    readonly agencyId: string;
    readonly month: string;
    readonly proposalId: string;
    /** The slots that the selection gives the agency, even if it does not host the theme. */
    readonly slots: number;
  };
}

export type ThemesEventType = keyof ThemesEventData;

/** An event of a month's themes as it is decided. */
export type ThemesEvent = DecidedEvent<ThemesEventData>;

export type RecordedThemesEvent = EventFacts<ThemesEventData> & { readonly recordedAt: Instant };

/** Every type of a stream of themes and the schema version it is written in. */
export const eventVersions: Readonly<Record<ThemesEventType, number>> = {
  ThemeProposed: 1,
  ThemeSelected: 1,
};

export interface ThemeProposal {
  readonly proposalId: string;
  readonly agencyId: string;
  readonly title: string;
  readonly proposedAt: Instant;
  /** The instant of its first selection, and the slots that gives. */
  readonly selected?: { readonly recordedAt: Instant; readonly slots: number };
}

/**
 * A month's proposals by id. At K they are the fold of the stream's events recorded at or before K.
 */
export type Themes = ReadonlyMap<string, ThemeProposal>;

export const empty: Themes = new Map();

export function evolve(themes: Themes, event: RecordedThemesEvent): Themes {
  const { proposalId } = event.data;
  switch (event.type) {
    case 'ThemeProposed': {
      const { agencyId, title } = event.data;
      return new Map(themes).set(proposalId, {
        proposalId,
        agencyId,
        title,
        proposedAt: event.recordedAt,
      });
    }
    case 'ThemeSelected': {
      const proposal = themes.get(proposalId);
      // A selection recorded twice gives no second slot.
      if (proposal === undefined || proposal.selected !== undefined) return themes;
      const selected = { recordedAt: event.recordedAt, slots: event.data.slots };
      return new Map(themes).set(proposalId, { ...proposal, selected });
    }
  }
}

/** The data of each command on themes (interchange §2). */
export const commandSchemas = {
  ProposeTheme: Type.Object(
    {
      proposalId: IdSchema,
      agencyId: IdSchema,
      month: MonthSchema,
      title: Type.String({
        minLength: 1,
        maxLength: 400,
        description: wanted('a title of 1 to 400 characters', '1 至 400 个字符的标题'),
      }),
    },
    { additionalProperties: false },
  ),
  SelectTheme: Type.Object({ proposalId: IdSchema }, { additionalProperties: false }),
} as const;

export interface ThemesCommandData {
  readonly ProposeTheme: {
    readonly proposalId: string;
    readonly agencyId: string;
    readonly month: string;
    readonly title: string;
  };
  readonly SelectTheme: { readonly proposalId: string };
}

/** A checked command on the themes of one month. */
export type ThemesCommand = {
  [Name in keyof ThemesCommandData]: {
    readonly command: Name;
    readonly data: ThemesCommandData[Name];
  };
}[keyof ThemesCommandData];

/**
 * The time in which proposals for a month are accepted: from `opensAt` up to, but not including,
 * `closesAt`.
 */
export function registrationWindow(
  month: string,
  zone: LedgerZone,
  { registrationDays: { first, last } }: SupportTerms = aliMcnSupport,
): { readonly opensAt: Instant; readonly closesAt: Instant } {
  const before = monthBefore(month);
  const day = (number: number): Instant =>
    zone.startOfDate(`${before}-${String(number).padStart(2, '0')}`);
  return { opensAt: day(first), closesAt: zone.startOfDayAfter(day(last), 1) };
}

function monthBefore(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`;
}

/** Registers a proposal. A repeated id never gets here: it is a duplicate or a conflict. */
export function proposeTheme(
  { proposalId, agencyId, month, title }: ThemesCommandData['ProposeTheme'],
  { now, zone, rulebooks }: Pick<DecisionContext, 'now' | 'zone' | 'rulebooks'>,
  terms: SupportTerms = aliMcnSupport,
): Decision<ThemesEvent> {
  const { opensAt, closesAt } = registrationWindow(month, zone, terms);
  if (now < opensAt || now >= closesAt) {
    return refused('registration_closed', {
      en:
        `proposals for ${month} are taken ` +
        `from ${zone.format(opensAt)} to before ${zone.format(closesAt)}`,
      zh: `${month} 的提案受理时间为 ${zone.format(opensAt)} 起，至 ${zone.format(closesAt)} 前`,
    });
  }
  return accepted({
    type: 'ThemeProposed',
    data: { agencyId, month, proposalId, title },
    rulebook: rulebooks.inForceAt(now).reference,
  });
}

/**
 * Selects a proposal, which gives its agency a slot.
 *
 * @param month the month whose stream holds the proposal; {@link empty} when the caller found none
 */
export function selectTheme(
  { proposalId }: ThemesCommandData['SelectTheme'],
  { month, themes }: { readonly month: string; readonly themes: Themes },
  { now, rulebooks }: Pick<DecisionContext, 'now' | 'rulebooks'>,
  terms: SupportTerms = aliMcnSupport,
): Decision<ThemesEvent> {
  const proposal = themes.get(proposalId);
  if (proposal === undefined)
    return refused('unknown_proposal', {
      en: `no proposal "${proposalId}" was registered`,
      zh: `没有登记提案 "${proposalId}"`,
    });
  return accepted({
    type: 'ThemeSelected',
    data: { agencyId: proposal.agencyId, month, proposalId, slots: terms.slotsPerTheme },
    rulebook: rulebooks.inForceAt(now).reference,
  });
}

/** A month's themes, for people and programs. */
export type ThemesAnswer = Shape<typeof ThemesAnswerSchema>;
export const ThemesAnswerSchema = closed({
  month: MonthSchema,
  opensAt: described(InstantSchema, 'from when proposals for the month are taken'),
  closesAt: described(InstantSchema, 'before when they are taken'),
  proposals: Type.Array(
    closed({
      proposalId: IdSchema,
      agencyId: IdSchema,
      title: Type.String(),
      proposedAt: InstantSchema,
      selectedAt: nullable(InstantSchema),
    }),
    { description: 'in the order they were registered' },
  ),
  slots: Type.Array(closed({ agencyId: IdSchema, slots: Type.Integer() }), {
    description: 'what selections give, by agency: slots outside the ranking, for no date yet',
  }),
});

/** Answers for the themes known at K: the fold up to K. */
export function themesAnswer(
  month: string,
  themes: Themes,
  zone: LedgerZone,
  terms: SupportTerms = aliMcnSupport,
): ThemesAnswer {
  const { opensAt, closesAt } = registrationWindow(month, zone, terms);
  const slots = new Map<string, number>();
  for (const { agencyId, selected } of themes.values()) {
    if (selected !== undefined) slots.set(agencyId, (slots.get(agencyId) ?? 0) + selected.slots);
  }
  return {
    month,
    opensAt: zone.format(opensAt),
    closesAt: zone.format(closesAt),
    proposals: [...themes.values()].map(
      ({ proposalId, agencyId, title, proposedAt, selected }) => ({
        proposalId,
        agencyId,
        title,
        proposedAt: zone.format(proposedAt),
        selectedAt: selected === undefined ? null : zone.format(selected.recordedAt),
      }),
    ),
    slots: [...slots]
      .map(([agencyId, number]) => ({ agencyId, slots: number }))
      .sort((a, b) => byCodeUnit(a.agencyId, b.agencyId)),
  };
}
