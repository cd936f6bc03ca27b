import type { FastifyRequest } from './http-types.js';
import type { InBoth } from './language.js';
import { ApiProblem } from './problems/api-problem.js';

/** The parameters of a request, by name: those of its path and of its query string. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Reads a request's parameters; a name may be given once. */
export function parametersOf(request: FastifyRequest): Parameters {
  return { ...(request.query as Parameters), ...(request.params as Parameters) };
}

/** @throws ApiProblem `invalid` for a parameter that the route does not have */
export function onlyParameters(given: Parameters, ...known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ApiProblem('invalid', {
      en: `${unknown}: unknown parameter; there are ${known.join(', ')}`,
      zh: `${unknown}：没有该参数；可用参数：${known.join('、')}`,
    });
}

/** @throws ApiProblem `invalid` */
export function integerIn(
  given: Parameters,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(number >= min && number <= max))
    throw new ApiProblem('invalid', {
      en: `${name}: give an integer from ${min} to ${max}`,
      zh: `${name}：须为 ${min} 至 ${max} 的整数`,
    });
  return number;
}

/** A text of a form. @throws ApiProblem `invalid`, saying what to give */
export function textIn(
  given: Parameters,
  name: string,
  form: RegExp,
  wanted: InBoth,
): string | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || !form.test(text))
    throw new ApiProblem('invalid', {
      en: `${name}: give ${wanted.en}`,
      zh: `${name}：须为${wanted.zh}`,
    });
  return text;
}

/** One of some values. @throws ApiProblem `invalid` */
export function enumIn<Value extends string>(
  given: Parameters,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const value = values.find((each) => each === text);
  if (value === undefined) {
    const list = values.join(', ');
    throw new ApiProblem('invalid', {
      en: `${name}: give one of ${list}`,
      zh: `${name}：须为以下之一：${list}`,
    });
  }
  return value;
}

/** An id (interchange, first lines). @throws ApiProblem `invalid` */
export function idIn(given: Parameters, name: string): string | undefined {
  return textIn(given, name, /^[A-Za-z0-9._:-]{1,64}$/, {
    en: 'one id of 1 to 64 characters A-Z a-z 0-9 . _ : -',
    zh: '一个编号：1 至 64 个字符，限 A–Z a–z 0–9 . _ : -',
  });
}

/**
 * A position as the store writes it: numbers with a stroke between.
 *
 * @throws ApiProblem `invalid`
 */
export function positionIn(text: unknown, name: string): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || !/^\d{1,20}(?:\/\d{1,20})?$/.test(text))
    throw new ApiProblem('invalid', {
      en: `${name}: give a position as an answer named it`,
      zh: `${name}：须为查询结果中给出的位置`,
    });
  return text;
}
