import { testService } from './service.js';

const held = testService();

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly get?: {
          readonly responses: Readonly<
            Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>
          >;
        };
      }
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The bounds that hold without a number in the schema. */
const bound = {
  byInterchange: 'interchange §3 gives it whole: what officers recorded of one agency',
  ofOneAgency: 'what one agency has; each is a command of an officer, a reviewer or the agency',
  ofOneMonth: 'interchange §3 gives it whole: one month',
  ofOneDeduction: 'acts about one deduction, each a command of an officer or a reviewer',
  ofOneCommand: 'one command named them in a body of 256 KiB',
  ofOneRulebook: 'a rulebook names them, and is at most 200,000 bytes',
  ofOneDay: 'the slots of one day, as many as the rulebook has',
  ofOneSession: 'corrections of one session, each a command of an officer',
  ofOneComplaint: 'complaints merged into one, and deductions that rest on it',
  damaged: 'damaged agencies, each one to be mended by its operator',
  everyCode: 'each code stands once',
  ofPublished: 'each rulebook was published by an administrator',
  ofRequests: 'each erasure was requested by an administrator; one that is done leaves',
  ofOneTree: 'a proof has two hashes a level of the tree, at most 64 levels',
} as const;

/** Arrays without a number of items in their schema, by component and member, and their bound. */
const otherwise: Readonly<Record<string, string>> = {
  'AgencyPage.damaged': bound.damaged,
  'ApiKey.mayGrant': bound.everyCode,
  'ApiKey.roles': bound.everyCode,
  'Appeal.assumptions': bound.everyCode,
  'Appeal.calendars': 'the years between two instants, each of one calendar',
  'Appeal.decision.adjustments': bound.ofOneCommand,
  'Appeal.deductionIds': bound.ofOneCommand,
  'Appeal.findings': bound.everyCode,
  'AppealEntry.assumptions': bound.everyCode,
  'AppealEntry.calendars': 'the years between two instants, each of one calendar',
  'AppealEntry.deductionIds': bound.ofOneCommand,
  'AppealEntry.findings': bound.everyCode,
  'AppealPage.damaged': bound.damaged,
  'AppealablePage.damaged': bound.damaged,
  'Assessment.assumptions': bound.everyCode,
  'Assessment.computations': bound.ofOneMonth,
  'Assessment.computations.changed': bound.everyCode,
  'Assessment.inactive': bound.ofOneMonth,
  'Assessment.reasons': bound.everyCode,
  'AssessmentBasis.reasons': bound.everyCode,
  'Balance.accounts': bound.ofOneRulebook,
  'Balance.assumptions': bound.everyCode,
  'Balance.findings': bound.everyCode,
  'Balance.lines': bound.byInterchange,
  'Balance.measures': bound.ofOneRulebook,
  'Balance.nodesReached': bound.ofOneRulebook,
  'Balance.notCounted': bound.byInterchange,
  'Balance.scale.additions': bound.ofOneAgency,
  'Complaint.deductions': bound.ofOneComplaint,
  'Complaint.merged': bound.ofOneComplaint,
  'ComplaintBasis.deductions': bound.ofOneComplaint,
  'ComplaintBasis.merged': bound.ofOneComplaint,
  'ComplaintPage.damaged': bound.damaged,
  'ConsistencyProof.proof': bound.ofOneTree,
  'DeadlinePage.damaged': bound.damaged,
  'DeductionEntry.findings': bound.everyCode,
  'DeductionPage.damaged': bound.damaged,
  'InclusionProof.proof': bound.ofOneTree,
  'ErasurePage.damaged': bound.ofRequests,
  'EvidencePack.missingGlyphs': 'characters of Unicode, each once',
  'Explain.accounts': bound.ofOneRulebook,
  'Explain.additions': bound.ofOneAgency,
  'Explain.appeals': bound.ofOneAgency,
  'Explain.assumptions': bound.everyCode,
  'Explain.bannedRelatives': bound.ofOneAgency,
  'Explain.explained': bound.byInterchange,
  'Explain.findingDetails': bound.ofOneAgency,
  'Explain.findings': bound.everyCode,
  'Explain.humanReviews': bound.ofOneAgency,
  'Explain.humanReviews.assumptions': bound.everyCode,
  'Explain.humanReviews.calendars': 'the years between two instants, each of one calendar',
  'Explain.humanReviews.findings': bound.everyCode,
  'Explain.imposedMeasures': bound.ofOneAgency,
  'Explain.lines': bound.byInterchange,
  'Explain.measures': bound.ofOneRulebook,
  'Explain.nodesReached': bound.ofOneRulebook,
  'Explain.notCounted': bound.byInterchange,
  'Explain.observations': bound.ofOneAgency,
  'Explain.observations.candidates': bound.ofOneAgency,
  'Explain.reentryApplications': bound.ofOneAgency,
  'Explain.remedies': bound.ofOneAgency,
  'Explain.rulebookFindings': bound.ofOneAgency,
  'Explain.rulebooks': bound.ofPublished,
  'Explain.scale.additions': bound.ofOneAgency,
  'Explain.timeline': bound.ofOneAgency,
  'ExplainedDeduction.appeals': bound.ofOneDeduction,
  'ExplainedDeduction.corrections': bound.ofOneDeduction,
  'ExplainedDeduction.corrections.changed': bound.everyCode,
  'ExplainedDeduction.decisions': bound.ofOneDeduction,
  'LedgerEvent.personal': 'the sealed boxes of one event, one a subject',
  'Outlook.assessment.inactive': bound.ofOneMonth,
  'Outlook.assessment.parameters': bound.ofOneRulebook,
  'Outlook.assessment.reasons': bound.everyCode,
  'Outlook.assessment.unbinding.allDead.reasons': bound.everyCode,
  'Outlook.assessment.unbinding.one.reasons': bound.everyCode,
  'Outlook.assumptions': bound.everyCode,
  'Outlook.measures': bound.ofOneAgency,
  'Outlook.reset.accounts': bound.ofOneRulebook,
  'Outlook.reset.parameters': bound.ofOneRulebook,
  'Outlook.thresholds': bound.ofOneRulebook,
  'Outlook.thresholds.parameters': bound.ofOneRulebook,
  'Outlook.windows': bound.ofOneAgency,
  'Outlook.windows.parameters': bound.ofOneRulebook,
  'OutlookPage.damaged': bound.damaged,
  'PendingAct.act.mayGrant': bound.everyCode,
  'PendingAct.act.roles': bound.everyCode,
  'Problem.errors': '100 problems are named, the others counted',
  'RulebookEntry.findings': bound.everyCode,
  'Session.changes': bound.ofOneSession,
  'Session.changes.changed': bound.everyCode,
  'Session.findings': bound.ofOneSession,
  'Session.sales': bound.ofOneCommand,
  'SessionBasis.sales': bound.ofOneCommand,
  'SessionEntry.sales': bound.ofOneCommand,
  'Slots.results': bound.ofOneDay,
  'Slots.slots': bound.ofOneDay,
  'Slots.slots.creatorIds': bound.ofOneCommand,
  'Slots.waived': bound.ofOneDay,
  'SupportTerms.slotHours': bound.ofOneRulebook,
  'Themes.proposals': bound.ofOneMonth,
  'Themes.slots': bound.ofOneMonth,
  'Vertical.ranking': bound.ofOneMonth,
  'Vertical.refused': bound.ofOneMonth,
  'Vertical.refused.reasons': bound.everyCode,
  'Webhook.types': '100 at most when it is added',
};

/** The arrays without a number of items in an answer, by component and member. */
function unboundedIn(schema: Schema, document: Document): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const walk = (each: Schema, place: string): void => {
    if (each.$ref !== undefined) {
      const name = each.$ref.replace(/^.*\//, '');
      if (seen.has(name)) return;
      seen.add(name);
      walk(document.components.schemas[name]!, name);
      return;
    }
    if (each.type === 'array' && each.maxItems === undefined) found.add(place);
    if (each.items !== undefined) walk(each.items, place);
    for (const [name, member] of Object.entries(each.properties ?? {}))
      walk(member, `${place}.${name}`);
    for (const part of [...(each.anyOf ?? []), ...(each.allOf ?? []), ...(each.oneOf ?? [])])
      walk(part, place);
    if (typeof each.additionalProperties === 'object') walk(each.additionalProperties, place);
  };
  walk(schema, '');
  return [...found];
}

it('every array of an answer has a number of items, or a bound that is named here', async () => {
  const { body } = await held.current.get('/openapi.json', { as: '' });
  const document = body as unknown as Document;
  const found = Object.values(document.paths).flatMap(({ get }) =>
    Object.values(get?.responses['200']?.content ?? {}).flatMap(({ schema }) =>
      unboundedIn(schema, document),
    ),
  );
  expect([...new Set(found)].sort()).toEqual(Object.keys(otherwise).sort());
});
