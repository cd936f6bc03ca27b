import { byCodeUnit } from '../canonical-json.js';
import type { Instant } from '../instant.js';
import type { LedgerZone } from '../zone.js';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  MonthSchema,
  Type,
  VerticalSchema,
  type Shape,
} from '../schema.js';
import { sumOf, SumSchema } from './sum.js';
import { aliMcnSupport, SupportTermsSchema, type SupportTerms } from './support-terms.js';
import { isAdmitted, type Standing } from '../standing.js';

/** A creator's month with one agency: its sessions with that agency, without the voided ones. */
export interface CreatorMonth {
  readonly creatorId: string;
  /** True when it is bound to the agency at the end of the month. */
  readonly bound: boolean;
  /** Fen by vertical, of every session; a vertical that no session names is not in it. */
  readonly sales: ReadonlyMap<string, bigint>;
  readonly effectiveSessions: number;
  /** The number of effective sessions with content of each vertical. */
  readonly effectiveByContent: ReadonlyMap<string, number>;
  /**
   * The same for its sessions with other agencies in the month. They count only for its main
   * vertical.
   */
  readonly elsewhere?: Pick<CreatorMonth, 'effectiveByContent' | 'sales'>;
}

/** Everything about one agency that its place in the verticals of a month rests on. */
export interface AgencyMonth extends SupportFacts {
  /** The creators bound to it at the end of the month or with a session with it, each once. */
  readonly creators: readonly CreatorMonth[];
  /** The number of creators bound to it in the month. */
  readonly newlyBound: number;
}

/** The facts from an agency's own history. */
export interface SupportFacts {
  readonly agencyId: string;
  readonly standing: Standing;
  /** The complaints that stand in its way. */
  readonly complaintIds: readonly string[];
  /** Growth posts shared in the month. */
  readonly posts: number;
}

/** A reason why an agency is not ranked; listed in this order (interchange §3). */
export type SupportRefusal = Shape<typeof SupportRefusalSchema>;
const SupportRefusalSchema = enumOf(['creators', 'sessions', 'share', 'complaints', 'standing']);

export type RankedAgency = Shape<typeof RankedAgencySchema>;
const RankedAgencySchema = closed({
  agencyId: IdSchema,
  sales: described(SumSchema, 'of the vertical, in fen'),
  creators: Type.Integer({ description: 'bound creators whose main vertical it is' }),
  sessions: Type.Integer({ description: 'their effective sessions' }),
  newlyBound: Type.Integer({ description: 'creators bound in the month' }),
  posts: Type.Integer({ description: 'growth posts shared in the month' }),
});

export type RefusedAgency = Shape<typeof RefusedAgencySchema>;
const RefusedAgencySchema = closed({
  agencyId: IdSchema,
  reasons: Type.Array(SupportRefusalSchema),
});

/** Every agency is in one of the two. */
export type VerticalRanking = Shape<typeof VerticalRankingSchema>;
const VerticalRankingSchema = closed({
  ranking: Type.Array(RankedAgencySchema, { description: 'the first gets the first slot' }),
  refused: Type.Array(RefusedAgencySchema, { description: 'by agency id' }),
});

/**
 * Ranks agencies in a vertical (rules §9). The order in which they, their creators and their
 * sessions are given plays no part.
 */
export function verticalRanking(
  vertical: string,
  agencies: Iterable<AgencyMonth>,
  terms: SupportTerms = aliMcnSupport,
): VerticalRanking {
  const ranked: (RankedAgency & { readonly exactSales: bigint })[] = [];
  const refused: RefusedAgency[] = [];
  for (const agency of agencies) {
    const { agencyId, newlyBound, posts } = agency;
    const figures = figuresOf(agency, vertical);
    const reasons = refusalsOf(agency, figures, terms);
    if (reasons.length > 0) refused.push({ agencyId, reasons });
    else {
      const { creators, sessions, sales } = figures;
      ranked.push({
        agencyId,
        sales: sumOf(sales),
        exactSales: sales,
        creators,
        sessions,
        newlyBound,
        posts,
      });
    }
  }
  ranked.sort(
    (a, b) =>
      descending(a.exactSales, b.exactSales) ||
      b.newlyBound - a.newlyBound ||
      b.posts - a.posts ||
      byCodeUnit(a.agencyId, b.agencyId),
  );
  return {
    ranking: ranked.map(({ exactSales: _, ...agency }) => agency),
    refused: refused.sort((a, b) => byCodeUnit(a.agencyId, b.agencyId)),
  };
}

/** The creators an agency is ranked with in a vertical, by id: those it may give its slot to. */
export function qualifiedCreators(
  { creators }: Pick<AgencyMonth, 'creators'>,
  vertical: string,
): string[] {
  return creators
    .filter((creator) => creator.bound && mainVerticalOf(creator) === vertical)
    .map(({ creatorId }) => creatorId)
    .sort(byCodeUnit);
}

/**
 * The vertical in which a creator sold most in the month. Ties: more effective sessions whose
 * content is that vertical, then the lesser name by code point. A creator without recorded sales
 * has none.
 */
export function mainVerticalOf(
  month: Pick<CreatorMonth, 'effectiveByContent' | 'elsewhere' | 'sales'>,
): string | undefined {
  const parts = month.elsewhere === undefined ? [month] : [month, month.elsewhere];
  const sales = (vertical: string): bigint =>
    parts.reduce((sum, part) => sum + (part.sales.get(vertical) ?? 0n), 0n);
  const sessions = (vertical: string): number =>
    parts.reduce((sum, part) => sum + (part.effectiveByContent.get(vertical) ?? 0), 0);
  const [first] = [...new Set(parts.flatMap((part) => [...part.sales.keys()]))].sort(
    (a, b) => descending(sales(a), sales(b)) || sessions(b) - sessions(a) || byCodePoint(a, b),
  );
  return first;
}

interface Figures {
  readonly creators: number;
  readonly sessions: number;
  readonly sales: bigint;
  readonly allSales: bigint;
}

function figuresOf({ creators }: AgencyMonth, vertical: string): Figures {
  const qualified = creators.filter(
    (creator) => creator.bound && mainVerticalOf(creator) === vertical,
  );
  const everySale = creators.flatMap(({ sales }) => [...sales.values()]);
  return {
    creators: qualified.length,
    sessions: qualified.reduce((sum, { effectiveSessions }) => sum + effectiveSessions, 0),
    sales: creators.reduce((sum, { sales }) => sum + (sales.get(vertical) ?? 0n), 0n),
    allSales: everySale.reduce((sum, amount) => sum + amount, 0n),
  };
}

function refusalsOf(agency: AgencyMonth, figures: Figures, terms: SupportTerms): SupportRefusal[] {
  const { creators, sessions, sales, allSales } = figures;
  const gates: readonly (readonly [SupportRefusal, boolean])[] = [
    ['creators', creators >= terms.minCreators],
    ['sessions', sessions >= terms.minSessionsEach * creators],
    ['share', 100n * sales >= BigInt(terms.minSharePercent) * allSales],
    ['complaints', agency.complaintIds.length === 0],
    ['standing', isAdmitted(agency.standing)],
  ];
  return gates.filter(([, open]) => !open).map(([reason]) => reason);
}

/** A session of the month, with the agency that is asked about, not voided. */
export interface SessionOfMonth {
  readonly creatorId: string;
  readonly effective: boolean;
  /** With another agency than the one asked about. */
  readonly elsewhere?: boolean;
  readonly contentVertical?: string;
  readonly sales?: readonly { readonly vertical: string; readonly amountFen: number }[];
}

/**
 * Sums one agency's sessions of a month by creator. Bound creators without sessions are included
 * with zeros.
 */
export function creatorMonthsOf(
  sessions: Iterable<SessionOfMonth>,
  boundCreatorIds: Iterable<string>,
): CreatorMonth[] {
  const bound = new Set(boundCreatorIds);
  const months = new Map([...bound].map((creatorId) => [creatorId, emptyMonth(creatorId, true)]));
  for (const { creatorId, effective, elsewhere = false, contentVertical, sales = [] } of sessions) {
    const month = months.get(creatorId) ?? emptyMonth(creatorId, false);
    months.set(creatorId, month);
    const part = elsewhere
      ? (month.elsewhere ??= { sales: new Map(), effectiveByContent: new Map() })
      : month;
    if (effective && !elsewhere) month.effectiveSessions += 1;
    if (effective && contentVertical !== undefined)
      part.effectiveByContent.set(
        contentVertical,
        (part.effectiveByContent.get(contentVertical) ?? 0) + 1,
      );
    for (const { vertical, amountFen } of sales)
      part.sales.set(vertical, (part.sales.get(vertical) ?? 0n) + BigInt(amountFen));
  }
  return [...months.values()];
}

interface GrowingMonth extends CreatorMonth {
  readonly sales: Map<string, bigint>;
  effectiveSessions: number;
  readonly effectiveByContent: Map<string, number>;
  elsewhere?: {
    readonly sales: Map<string, bigint>;
    readonly effectiveByContent: Map<string, number>;
  };
}

function emptyMonth(creatorId: string, bound: boolean): GrowingMonth {
  return {
    creatorId,
    bound,
    sales: new Map(),
    effectiveSessions: 0,
    effectiveByContent: new Map(),
  };
}

/** The answer to `vertical` (interchange §3). */
export type VerticalAnswer = Shape<typeof VerticalAnswerSchema>;
export const VerticalAnswerSchema = closed(
  {
    month: MonthSchema,
    vertical: VerticalSchema,
    effectiveAt: InstantSchema,
    knownAt: InstantSchema,
    ...VerticalRankingSchema.properties,
    terms: SupportTermsSchema,
  },
  { $id: 'Vertical' },
);

export function verticalAnswer(
  query: {
    readonly month: string;
    readonly vertical: string;
    readonly effectiveAt: Instant;
    readonly knownAt: Instant;
  },
  agencies: Iterable<AgencyMonth>,
  { zone, terms = aliMcnSupport }: { readonly zone: LedgerZone; readonly terms?: SupportTerms },
): VerticalAnswer {
  const { month, vertical, effectiveAt, knownAt } = query;
  return {
    month,
    vertical,
    effectiveAt: zone.format(effectiveAt),
    knownAt: zone.format(knownAt),
    ...verticalRanking(vertical, agencies, terms),
    terms,
  };
}

function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : a < b ? 1 : 0;
}

/**
 * Orders by code point. It differs from {@link byCodeUnit} beyond U+FFFF: a vertical's name may be
 * in any script.
 */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
