import { acceptedWith, withFindings, type Decision, type DecisionContext } from './agency/decision.js';
import type { DomainTimes, RulebookReference } from './event.js';
import { finding, type Finding } from './findings.js';
import { parseInstant, plusHours, type Instant } from './instant.js';
import { knownRulebook, Rulebooks, RulebookSchema, type KnownRulebook, type Rulebook } from './rulebook.js';
import { aliMcn20180703, aliMcn20190307 } from './rulebooks/ali-mcn.js';
import { Type } from './schema.js';

/** The register of published rulebooks: one stream, never edited, only added to (rulebook §10). */
export const rulebooksStream = 'rulebooks';

export interface RulebookPublished extends DomainTimes {
  readonly type: 'RulebookPublished';
  readonly data: { readonly document: Rulebook; readonly findings?: readonly Finding[]; readonly sha256: string };
  readonly rulebook: RulebookReference;
}

export interface RulebookRegister {
  readonly published: readonly { readonly recordedAt: Instant; readonly rulebook: KnownRulebook }[];
}

export const emptyRegister: RulebookRegister = { published: [] };

export function evolveRegister(
  register: RulebookRegister,
  event: Pick<RulebookPublished, 'data'> & { readonly recordedAt: Instant },
): RulebookRegister {
  const { recordedAt, data } = event;
  return { published: [...register.published, { recordedAt, rulebook: knownRulebook(data.document) }] };
}

const shipped = [knownRulebook(aliMcn20180703), knownRulebook(aliMcn20190307)];
const shippedRulebooks = new Rulebooks(shipped);

/** The rulebooks known at K. Without any published one the two shipped versions of `ali-mcn` hold (interchange §2). */
export function rulebooksAt(register: RulebookRegister, knownAt: Instant): Rulebooks {
  const known = register.published.filter(({ recordedAt }) => recordedAt <= knownAt);
  return known.length === 0 ? shippedRulebooks : new Rulebooks(known.map(({ rulebook }) => rulebook));
}

export const publishRulebookSchema = Type.Object({ rulebook: RulebookSchema }, { additionalProperties: false });

export interface PublishRulebook {
  readonly command: 'PublishRulebook';
  readonly data: { readonly rulebook: Rulebook };
}

/** Days between announcement and effect under which the notice is short (rulebook §10). */
const fairNoticeHours = 7 * 24;

/** Publishes a rulebook in which `problemOf` found nothing. The same id and version never gets here: it is a duplicate or a conflict. */
export function publishRulebook(
  { data }: PublishRulebook,
  context: Pick<DecisionContext, 'mode'>,
): Decision<RulebookPublished> {
  const { rulebook } = data;
  const { reference, effectiveFrom } = knownRulebook(rulebook);
  const announcedAt = parseInstant(rulebook.announcedAt);
  const findings =
    announcedAt !== undefined && effectiveFrom < plusHours(announcedAt, fairNoticeHours)
      ? [
          finding(
            'short_notice',
            `announced ${rulebook.announcedAt}, in force ${rulebook.effectiveFrom}: less than 7 days`,
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
