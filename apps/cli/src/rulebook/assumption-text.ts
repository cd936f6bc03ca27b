import type { InBoth } from '@penalty-ledger/application/language';
import type { Assumption } from '@penalty-ledger/ledger';
import { said, saidIn } from '../terminal/language.js';
import { figure } from '../terminal/words.js';
import { parameterWords } from './parameter-words.js';

/** An assumption as people read it: a sentence, or the meaning of a parameter with its code. */
export function assumptionText(assumption: Assumption): string {
  if (typeof assumption !== 'string') return saidIn(assumption);
  const meaning = meaningOf(assumption);
  return meaning === undefined
    ? assumption
    : said(`${meaning} (${assumption})`, `${meaning}（${assumption}）`);
}

/** Assumptions that are no parameter of a rulebook. */
const conventions: Readonly<Partial<Record<string, InBoth>>> = {
  'sessions=oneAfterAnother': {
    en: 'sessions do not overlap: one comes after another',
    zh: '直播场次一场接一场，互不重叠',
  },
  'assessmentRulebook=inForceAtMonthStart': {
    en: 'a month is assessed by the rulebook in force when it begins',
    zh: '月度考核适用该月开始时施行的规则',
  },
  'humanReviewTerm=appealDecideWorkingDays': {
    en: 'a human review is answered within the term of an appeal’s decision',
    zh: '人工判定的答复期限与申诉裁定相同',
  },
};

function meaningOf(assumption: string): string | undefined {
  const convention = conventions[assumption];
  if (convention !== undefined) return saidIn(convention);
  const [name = '', value = ''] = assumption.split('=', 2);
  if (Object.hasOwn(parameterWords, name)) {
    const meant = parameterWords[name as keyof typeof parameterWords] as (
      value: number | string,
    ) => string;
    return meant(/^\d+$/.test(value) ? Number(value) : value);
  }
  // The id of an account can have dots and digits.
  const [, account = '', points, part = ''] =
    /^(.+)\.(\d+)\.(termDays)$/.exec(name) ?? /^(.+)\.()(\w+)$/.exec(name) ?? [];
  return scaleMeaning(account, points, part, value);
}

function scaleMeaning(
  account: string,
  points: string | undefined,
  part: string,
  value: string,
): string | undefined {
  switch (part) {
    case 'start':
      return said(
        `the scale of ${account} starts at ${value}`,
        `计分账户 ${account} 的分数从 ${value} 分起算`,
      );
    case 'cap':
      return said(
        `the scale of ${account} ends at ${value}`,
        `计分账户 ${account} 的分数上限为 ${value} 分`,
      );
    case 'reset':
      return said(`${account} is reset every year`, `计分账户 ${account} 每年清零`);
    case 'expels':
      return value === 'false'
        ? said(`no sum of ${account} leads to an expulsion`, `计分账户 ${account} 的分数不导致清退`)
        : said(
            `a sum of ${account} can lead to an expulsion`,
            `计分账户 ${account} 的分数可导致清退`,
          );
    case 'termDays':
      return said(
        `the measure at ${points ?? ''} points of ${account} ` +
          `ends after ${figure(Number(value))} days`,
        `计分账户 ${account} 达到 ${points ?? ''} 分的处置期限为 ${figure(Number(value))} 天`,
      );
    default:
      return undefined;
  }
}
