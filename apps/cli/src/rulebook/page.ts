import {
  isExpelling,
  knownRulebook,
  rulebookRemarks,
  type Account,
  type Rulebook,
  type RulebookReference,
  type Sentence,
  sentence,
  sourceInBoth,
} from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, deadline, figure, time } from '../terminal/words.js';
import type { Sample } from './sample.js';
import { parameterWords } from './parameter-words.js';
import { said, saidIn } from '../terminal/language.js';

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
  readonly remarks: readonly Sentence[];
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
    remarks: rulebookRemarks(document).map(sentence),
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
    ...field(said('Rulebook', '规则'), `${reference.id} ${reference.rulebookVersion}`),
    ...field('', saidIn(document.title)),
    ...field('SHA-256', reference.sha256),
    ...field(said('Announced', '公布'), document.announcedAt),
    ...field(
      said('In force', '施行'),
      said(
        `from ${document.effectiveFrom} until the next one`,
        `自 ${document.effectiveFrom} 起，至下一版为止`,
      ),
    ),
    ...document.sources.flatMap(({ title, locator }, index) =>
      field(
        index === 0 ? said('Sources', '出处') : '',
        said(
          `${sourceText(title)}: ${sourceText(locator)}`,
          `${sourceText(title)}：${sourceText(locator)}`,
        ),
      ),
    ),
    ...heading(said('Accounts', '计分账户')),
    ...document.accounts.flatMap(accountFields),
    ...heading(said('Clauses', '条款')),
    ...table(
      [
        { title: said('Clause', '条款'), maxWidth: 30 },
        { title: said('Account', '计分账户'), maxWidth: 12 },
        { title: said('Costs', '扣分'), maxWidth: 14 },
        { title: said('Title', '标题'), maxWidth: 36 },
      ],
      document.clauses.map(({ id, account, points, title }) => [
        id,
        account,
        points === null
          ? said('by gravity', '按情节')
          : said(count(points, 'point'), `${figure(points)} 分`),
        saidIn(title),
      ]),
    ),
    ...heading(said('Parameters', '参数')),
    ...parameters.flatMap(({ name, value, meaning, source, assumed: isAssumed }) => [
      ...field(`${name} = ${String(value)}`, meaning, { labelWidth: 36 }),
      ...field(
        '',
        isAssumed
          ? said(`assumed: ${sourceText(source)}`, `假设：${sourceText(source)}`)
          : said(`source: ${sourceText(source)}`, `来源：${sourceText(source)}`),
        { labelWidth: 36 },
      ),
    ]),
    ...heading(said('Tried on a sample agency', '以示例机构试行')),
    ...sample.flatMap(sampleLines),
    ...(remarks.length === 0 ? [] : heading(said('Remarks', '备注'))),
    ...remarks.flatMap((remark, index) => field(`${String(index + 1)}.`, saidIn(remark))),
    '',
    remarks.length === 0
      ? said('It can be published.', '可以发布。')
      : said(
          `The ledger accepts it. Look at the ${count(remarks.length, 'remark')} above first.`,
          `账本接受它。请先查看以上 ${figure(remarks.length)} 条备注。`,
        ),
    said(
      'After the first publication the rulebooks that came with the ledger no longer hold,',
      '首次发布之后，随账本附带的规则不再适用，',
    ),
    said(
      'for the past either. Publish every version that should hold.',
      '对过去也是如此。请发布应当适用的每个版本。',
    ),
    said(
      `${String(parameters.length)} parameters, ${String(assumed)} of them ` +
        'assumed; every answer that rests on an assumed one prints it.',
      `共 ${String(parameters.length)} 个参数，其中 ${String(assumed)} 个为假设；` +
        '以假设为依据的答案都会注明。',
    ),
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
    ...field(id, saidIn(title)),
    ...(scale === undefined
      ? []
      : [
          ...field(
            '',
            said(
              `the score falls from ${String(scale.start.value)}${sourceOf(scale.start)}`,
              `分值自 ${String(scale.start.value)} 分起扣${sourceOf(scale.start)}`,
            ),
          ),
          ...field(
            '',
            said(
              `its cap is ${String(scale.cap.value)}${sourceOf(scale.cap)}`,
              `上限为 ${String(scale.cap.value)} 分${sourceOf(scale.cap)}`,
            ),
          ),
          ...field(
            '',
            said(
              `it starts anew on 1 January${sourceOf(scale.reset)}`,
              `每年 1 月 1 日重新起算${sourceOf(scale.reset)}`,
            ),
          ),
        ]),
    ...field(
      '',
      isExpelling(account)
        ? said(
            `an expulsion is pending from ${count(threshold, 'point')} on`,
            `累计 ${figure(threshold)} 分起进入待清退`,
          )
        : said(
            `no sum makes an expulsion pending${expels === undefined ? '' : sourceOf(expels)}`,
            `累计多少分都不会进入待清退${expels === undefined ? '' : sourceOf(expels)}`,
          ),
    ),
    ...nodes.flatMap(({ points, measure, score, termDays }) => [
      ...field(
        '',
        said(
          `at ${count(points, 'point')}${score === undefined ? '' : `, ${scoreText(score)}`}: ` +
            saidIn(measure),
          `达到 ${figure(points)} 分${score === undefined ? '' : `（${scoreText(score)}）`}：` +
            saidIn(measure),
        ),
      ),
      ...(termDays === undefined
        ? []
        : field(
            '',
            said(
              `for ${count(termDays.value, 'natural day')}${sourceOf(termDays)}`,
              `为期 ${figure(termDays.value)} 个自然日${sourceOf(termDays)}`,
            ),
          )),
    ]),
    ...field(
      '',
      carryOver === null
        ? said('every year begins with 0', '每年从 0 分开始')
        : said(
            `a year begins with ${String(carryOver.as)} if the one before brought ` +
              `${count(carryOver.atLeast, 'new point')} or more, else with 0`,
            `若上年新增 ${figure(carryOver.atLeast)} 分以上，该年从 ${String(carryOver.as)}` +
              ' 分开始，否则从 0 分开始',
          ),
    ),
  ];
}

function sourceOf({ source, assumed }: { readonly source: string; readonly assumed: boolean }) {
  return assumed
    ? said(` (assumed: ${sourceText(source)})`, `（假设：${sourceText(source)}）`)
    : said(` (source: ${sourceText(source)})`, `（来源：${sourceText(source)}）`);
}

function sourceText(source: string): string {
  return saidIn(sourceInBoth(source));
}

function scoreText({ value, bound }: NonNullable<Account['nodes'][number]['score']>): string {
  return bound === 'below'
    ? said(`below ${String(value)}`, `低于 ${String(value)} 分`)
    : said(`at or below ${String(value)}`, `不高于 ${String(value)} 分`);
}

function sampleLines(sample: Sample): string[] {
  const { account, steps, deductions, ended, appeal, lastChanceUntil, reentryFrom } = sample;
  return [
    ...field(
      said('Account', '计分账户'),
      said(
        `${account}: ${count(deductions, 'deduction')}, one a day`,
        `${account}：${figure(deductions)} 次扣分，每天一次`,
      ),
    ),
    ...steps.flatMap(({ number, at, clause, points, balance, reached, followed }) =>
      field(
        at.slice(0, 10),
        said(
          `${String(number)}. ${clause}, ${count(points, 'point')}: the sum is ${String(balance)}` +
            [...reached, ...followed].map((each) => `; ${each}`).join(''),
          `${String(number)}. ${clause}，${figure(points)} 分：累计 ${String(balance)} 分` +
            [...reached, ...followed].map((each) => `；${each}`).join(''),
        ),
      ),
    ),
    ...(ended === undefined ? [] : field(said('Ends', '结束'), ended)),
    ...(appeal === undefined
      ? []
      : [
          ...field(
            said('Appeal', '申诉'),
            said(
              `of a notice of ${time(appeal.notifiedAt)}`,
              `针对 ${time(appeal.notifiedAt)} 的处罚通知`,
            ),
          ),
          ...field(
            '',
            said(
              `possible until ${deadline(appeal.initiateBy)}`,
              `可发起至 ${deadline(appeal.initiateBy)}`,
            ),
          ),
          ...field(
            '',
            said(
              `evidence, if initiated at once, until ${deadline(appeal.evidenceBy)}`,
              `若立即发起，可举证至 ${deadline(appeal.evidenceBy)}`,
            ),
          ),
          ...field(
            '',
            appeal.decideBy === null
              ? said('decision: no holiday calendar for its year', '裁定：该年没有节假日历')
              : said(
                  `decision, if the evidence comes at once, until ${deadline(appeal.decideBy)}`,
                  `若立即举证，裁定期限 ${deadline(appeal.decideBy)}`,
                ),
          ),
        ]),
    ...(lastChanceUntil === undefined
      ? []
      : field(
          said('Last chance', '最后机会'),
          said(`until ${deadline(lastChanceUntil)}`, `至 ${deadline(lastChanceUntil)}`),
        )),
    ...(reentryFrom === undefined
      ? []
      : field(
          'Re-entry',
          said(
            `from ${time(reentryFrom)}, if expelled at that end`,
            `若届时清退，${time(reentryFrom)} 起`,
          ),
        )),
  ];
}
