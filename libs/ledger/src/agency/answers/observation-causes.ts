import { Sentence, type InBoth } from '../../in-both.js';
import type { Instant } from '../../instant.js';
import { AttributionSchema, firstAccountOf } from '../../rulebook.js';
import { additionOf, withDeductions, type AgencyHistory, type Observation } from '../history.js';
import type { AnswerContext } from './balance-answer.js';
import { balanceAt, type Balance } from './balance.js';
import { scaleFields, shownAt, type ScaleFields } from './scale.js';
import { supposedHistory } from './what-if.js';

/** A deduction or an addition that counts. */
interface Item {
  readonly list: 'additions' | 'deductions';
  readonly id: string;
  readonly recordedAt: Instant;
  /** The most that the platform's number changes when it is left out, with its sign. */
  readonly maxChange: number;
}

/**
 * Finds what could explain a difference between the platform's number and ours (E-76): a late
 * entry, another attribution, a revocation not seen here. Each sentence has the number that would
 * be shown under its supposition: the score of a falling scale, else the balance.
 */
export function observationCauses(
  history: AgencyHistory,
  { observedAt, balance: observed, period }: Observation,
  knownAt: Instant,
  { rulebooks, zone }: AnswerContext,
): Sentence[] {
  const account = firstAccountOf(rulebooks.inForceAt(observedAt).document);
  const question = { effectiveAt: observedAt, knownAt, period, account };
  const balance = balanceAt(history, question);
  const { scale } = scaleFields(history, account, balance, question, zone);
  const shown = scale?.score ?? balance.balance;
  const number =
    scale === undefined ? { en: 'balance', zh: '累计扣分' } : { en: 'score', zh: '分值' };
  const shownOf = (supposed: AgencyHistory): number => shownAt(supposed, account, question, zone);
  const items = countingItems(history, balance, scale);
  const causes: InBoth[] = [];
  const late = items.filter(({ recordedAt }) => recordedAt > observedAt);
  if (late.length > 0) {
    const ids = late.map(({ id }) => id);
    const rest = String(shownOf(without(history, late)));
    causes.push({
      en:
        `late entry: ${ids.join(', ')} recorded after the observation; ` +
        `without late entries the ${number.en} is ${rest}`,
      zh: `补录：${ids.join('、')} 在查看之后才记录；不计补录，${number.zh}为 ${rest}`,
    });
  }
  if (shown === observed) return causes.map((cause) => new Sentence(cause));
  for (const { const: attribution } of AttributionSchema.anyOf) {
    if (shownOf(supposedHistory(history, knownAt, { attribution }, zone)) !== observed) continue;
    causes.push({
      en: `attribution: under ${attribution} the ${number.en} is ${String(observed)}`,
      zh: `归属：按 ${attribution} 归属，${number.zh}为 ${String(observed)}`,
    });
  }
  const difference = observed - shown;
  // Without additions no cap cuts a change short: it is what the deduction counts.
  const isPlain = items.every(({ list }) => list === 'deductions');
  for (const item of items) {
    const { id, maxChange } = item;
    const isUnseen = isPlain
      ? maxChange === difference
      : Math.sign(maxChange) === Math.sign(difference) &&
        Math.abs(maxChange) >= Math.abs(difference) &&
        shownOf(without(history, [item])) === observed;
    if (!isUnseen) continue;
    causes.push({
      en: `unseen revocation: without ${id} the ${number.en} is ${String(observed)}`,
      zh: `未见的撤销：不计 ${id}，${number.zh}为 ${String(observed)}`,
    });
  }
  return causes.map((cause) => new Sentence(cause));
}

function countingItems(
  history: AgencyHistory,
  { lines }: Balance,
  scale: ScaleFields['scale'],
): Item[] {
  const sign = scale === undefined ? -1 : 1;
  return [
    ...lines.map(({ deduction: { deductionId, recordedAt }, counts }): Item => {
      return { list: 'deductions', id: deductionId, recordedAt, maxChange: sign * counts };
    }),
    ...(scale?.additions ?? [])
      .filter(({ counts }) => counts > 0)
      .map(({ additionId, counts }): Item => {
        const { recordedAt } = additionOf(history, additionId);
        return { list: 'additions', id: additionId, recordedAt, maxChange: -counts };
      }),
  ];
}

/** The history without some items: a copy, of which nothing is stored. */
function without(history: AgencyHistory, items: readonly Item[]): AgencyHistory {
  const [deductions, additions] = [new Map(history.deductions), new Map(history.additions)];
  for (const { list, id } of items) (list === 'deductions' ? deductions : additions).delete(id);
  return { ...withDeductions(history, deductions), additions };
}
