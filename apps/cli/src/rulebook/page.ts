import {
  isExpelling,
  knownRulebook,
  rulebookRemarks,
  type Account,
  type Rulebook,
  type RulebookReference,
} from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, deadline, time } from '../terminal/words.js';
import type { Sample } from './sample.js';
import { parameterWords } from './parameter-words.js';

type ParameterName = keyof Rulebook['parameters'];

/** A parameter of a rulebook, and its value in words. */
interface ExplainedParameter {
  readonly name: ParameterName;
  readonly value: string | number;
  readonly meaning: string;
  readonly source: string;
  readonly assumed: boolean;
}

/** The explanation of a rulebook for programs. */
export interface RulebookExplanation extends RulebookReference {
  readonly announcedAt: string;
  readonly effectiveFrom: string;
  /** The parameters without a source. */
  readonly assumed: readonly ParameterName[];
  readonly parameters: readonly ExplainedParameter[];
  /** Places that the ledger accepts and the author hardly means. */
  readonly remarks: readonly string[];
  readonly sample: readonly Sample[];
}

export function rulebookJson(document: Rulebook, sample: readonly Sample[]): RulebookExplanation {
  const parameters = explained(document);
  return {
    ...knownRulebook(document).reference,
    announcedAt: document.announcedAt,
    effectiveFrom: document.effectiveFrom,
    assumed: parameters.filter(({ assumed }) => assumed).map(({ name }) => name),
    parameters,
    remarks: rulebookRemarks(document),
    sample,
  };
}

/** The explanation of a rulebook for people: what it says, where from, and what comes of it. */
export function rulebookPage(document: Rulebook, sample: readonly Sample[]): string[] {
  const { reference } = knownRulebook(document);
  const parameters = explained(document);
  const assumed = parameters.filter((each) => each.assumed).length;
  const remarks = rulebookRemarks(document);
  return [
    ...field('Rulebook', `${reference.id} ${reference.rulebookVersion}`),
    ...field('', `${document.title.en} ${document.title.zh}`),
    ...field('SHA-256', reference.sha256),
    ...field('Announced', document.announcedAt),
    ...field('In force', `from ${document.effectiveFrom} until the next one`),
    ...document.sources.flatMap(({ title, locator }, index) =>
      field(index === 0 ? 'Sources' : '', `${title}: ${locator}`),
    ),
    ...heading('Accounts'),
    ...document.accounts.flatMap(accountFields),
    ...heading('Clauses'),
    ...table(
      [
        { title: 'Clause', maxWidth: 30 },
        { title: 'Account', maxWidth: 12 },
        { title: 'Costs', maxWidth: 14 },
        { title: 'Title', maxWidth: 36 },
      ],
      document.clauses.map(({ id, account, points, title }) => [
        id,
        account,
        points === null ? 'by gravity' : count(points, 'point'),
        `${title.en} ${title.zh}`,
      ]),
    ),
    ...heading('Parameters'),
    ...parameters.flatMap(({ name, value, meaning, source, assumed: isAssumed }) => [
      ...field(`${name} = ${String(value)}`, meaning, { labelWidth: 36 }),
      ...field('', isAssumed ? `assumed: ${source}` : `source: ${source}`, { labelWidth: 36 }),
    ]),
    ...heading('Tried on a sample agency'),
    ...sample.flatMap(sampleLines),
    ...(remarks.length === 0 ? [] : heading('Remarks')),
    ...remarks.flatMap((remark, index) => field(`${String(index + 1)}.`, remark)),
    '',
    remarks.length === 0
      ? 'It can be published.'
      : `The ledger accepts it. Look at the ${count(remarks.length, 'remark')} above first.`,
    'After the first publication the rulebooks that came with the ledger no longer hold,',
    'for the past either. Publish every version that should hold.',
    `${String(parameters.length)} parameters, ${String(assumed)} of them ` +
      'assumed; every answer that rests on an assumed one prints it.',
  ];
}

function explained({ parameters }: Rulebook): readonly ExplainedParameter[] {
  return (Object.keys(parameterWords) as ParameterName[]).map((name) => {
    const { value, source, assumed } = parameters[name];
    return { name, value, meaning: parameterWords[name](value as never), source, assumed };
  });
}

function accountFields(account: Account): string[] {
  const { id, title, threshold, scale, expels, nodes, carryOver } = account;
  return [
    ...field(id, `${title.en} ${title.zh}`),
    ...(scale === undefined
      ? []
      : [
          ...field('', `the score falls from ${String(scale.start.value)}${sourceOf(scale.start)}`),
          ...field('', `its cap is ${String(scale.cap.value)}${sourceOf(scale.cap)}`),
          ...field('', `it starts anew on 1 January${sourceOf(scale.reset)}`),
        ]),
    ...field(
      '',
      isExpelling(account)
        ? `an expulsion is pending from ${count(threshold, 'point')} on`
        : `no sum makes an expulsion pending${expels === undefined ? '' : sourceOf(expels)}`,
    ),
    ...nodes.flatMap(({ points, measure, score, termDays }) => [
      ...field(
        '',
        `at ${count(points, 'point')}${score === undefined ? '' : `, ${scoreText(score)}`}: ` +
          `${measure.en} ${measure.zh}`,
      ),
      ...(termDays === undefined
        ? []
        : field('', `for ${count(termDays.value, 'natural day')}${sourceOf(termDays)}`)),
    ]),
    ...field(
      '',
      carryOver === null
        ? 'every year begins with 0'
        : `a year begins with ${String(carryOver.as)} if the one before brought ` +
            `${count(carryOver.atLeast, 'new point')} or more, else with 0`,
    ),
  ];
}

function sourceOf({ source, assumed }: { readonly source: string; readonly assumed: boolean }) {
  return assumed ? ` (assumed: ${source})` : ` (source: ${source})`;
}

function scoreText({ value, bound }: NonNullable<Account['nodes'][number]['score']>): string {
  return bound === 'below' ? `below ${String(value)}` : `at or below ${String(value)}`;
}

function sampleLines(sample: Sample): string[] {
  const { account, steps, deductions, ended, appeal, lastChanceUntil, reentryFrom } = sample;
  return [
    ...field('Account', `${account}: ${count(deductions, 'deduction')}, one a day`),
    ...steps.flatMap(({ number, at, clause, points, balance, reached, followed }) =>
      field(
        at.slice(0, 10),
        `${String(number)}. ${clause}, ${count(points, 'point')}: the sum is ${String(balance)}` +
          [...reached, ...followed].map((each) => `; ${each}`).join(''),
      ),
    ),
    ...(ended === undefined ? [] : field('Ends', ended)),
    ...(appeal === undefined
      ? []
      : [
          ...field('Appeal', `of a notice of ${time(appeal.notifiedAt)}`),
          ...field('', `possible until ${deadline(appeal.initiateBy)}`),
          ...field('', `evidence, if initiated at once, until ${deadline(appeal.evidenceBy)}`),
          ...field(
            '',
            appeal.decideBy === null
              ? 'decision: no holiday calendar for its year'
              : `decision, if the evidence comes at once, until ${deadline(appeal.decideBy)}`,
          ),
        ]),
    ...(lastChanceUntil === undefined
      ? []
      : field('Last chance', `until ${deadline(lastChanceUntil)}`)),
    ...(reentryFrom === undefined
      ? []
      : field('Re-entry', `from ${time(reentryFrom)}, if expelled at that end`)),
  ];
}
