import { acceptedWith, withFindings, type Decision, type DecisionContext } from './decision.js';
import type { DecidedEvent, EventFacts } from './event.js';
import { finding, type Finding } from './findings.js';
import { parseInstant, plusHours, type Instant } from './instant.js';
import {
  knownRulebook,
  Rulebooks,
  RulebookSchema,
  type KnownRulebook,
  type Rulebook,
} from './rulebook.js';
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
};

export interface RulebookRegister {
  readonly shipped: readonly KnownRulebook[];
  readonly published: readonly { readonly recordedAt: Instant; readonly rulebook: KnownRulebook }[];
}

export const empty: RulebookRegister = { shipped: [], published: [] };

export function evolve(register: RulebookRegister, event: RecordedRulebookEvent): RulebookRegister {
  const rulebook = knownRulebook(event.data.document);
  switch (event.type) {
    case 'RulebookShipped':
      return { ...register, shipped: [...register.shipped, rulebook] };
    case 'RulebookPublished':
      return {
        ...register,
        published: [...register.published, { recordedAt: event.recordedAt, rulebook }],
      };
  }
}

const shippedByThisProgram = [knownRulebook(aliMcn20180703), knownRulebook(aliMcn20190307)];
const rulebooksOfThisProgram = new Rulebooks(shippedByThisProgram);

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

export const commandSchema = Type.Object(
  { rulebook: RulebookSchema },
  { additionalProperties: false },
);

export interface PublishRulebook {
  readonly command: 'PublishRulebook';
  readonly data: { readonly rulebook: Rulebook };
}

/** Days between announcement and effect under which the notice is short (rules §10). */
const fairNoticeHours = 7 * 24;

/**
 * Publishes a rulebook in which `problemOf` found nothing. A repeated id and version is refused
 * earlier, as a duplicate or a conflict.
 */
export function publishRulebook(
  { data }: PublishRulebook,
  context: Pick<DecisionContext, 'mode'>,
): Decision<RulebookEvent> {
  const { rulebook } = data;
  const { reference, effectiveFrom } = knownRulebook(rulebook);
  const announcedAt = parseInstant(rulebook.announcedAt);
  const findings =
    announcedAt !== undefined && effectiveFrom < plusHours(announcedAt, fairNoticeHours)
      ? [
          finding(
            'short_notice',
            `announced ${rulebook.announcedAt}, ` +
              `in force ${rulebook.effectiveFrom}: less than 7 days`,
          ),
        ]
      : [];
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
