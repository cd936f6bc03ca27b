import type { Language } from '../language.js';

/** Says what to give instead, from what the decorator was given. */
type Text = (given: readonly unknown[]) => string;

const plain = (en: string, zh: string): Readonly<Record<Language, Text>> => ({
  en: () => en,
  zh: () => zh,
});

const withGiven = (
  en: (first: string, second: string) => string,
  zh: (first: string, second: string) => string,
): Readonly<Record<Language, Text>> => ({
  en: ([first, second]) => en(listed(first), listed(second)),
  zh: ([first, second]) => zh(listed(first), listed(second)),
});

/**
 * The texts for failed checks of class-validator, by the check's name. Each says what to give, and
 * none repeats what was sent.
 */
export const constraintTexts: Readonly<Partial<Record<string, Readonly<Record<Language, Text>>>>> =
  {
    arrayMaxSize: withGiven(
      (max) => `give no more than ${max} items`,
      (max) => `最多 ${max} 项`,
    ),
    arrayMinSize: withGiven(
      (min) => `give at least ${min} items`,
      (min) => `至少 ${min} 项`,
    ),
    arrayNotEmpty: plain('give at least one item', '至少一项'),
    arrayUnique: plain('give each item once', '不得有重复项'),
    equals: withGiven(
      (value) => `give ${value}`,
      (value) => `须为 ${value}`,
    ),
    isArray: plain('give a list', '须为列表'),
    isBoolean: plain('give true or false', '须为 true 或 false'),
    isDefined: plain('is required', '必填'),
    isEnum: withGiven(
      (_, values) => `give one of ${values}`,
      (_, values) => `须为以下之一：${values}`,
    ),
    isIn: withGiven(
      (values) => `give one of ${values}`,
      (values) => `须为以下之一：${values}`,
    ),
    isInt: plain('give an integer', '须为整数'),
    isIso8601: plain('give an RFC 3339 instant with an offset', '须为带时区偏移的 RFC 3339 时间'),
    isRFC3339: plain('give an RFC 3339 instant with an offset', '须为带时区偏移的 RFC 3339 时间'),
    isNotEmpty: plain('must not be empty', '不得为空'),
    isNumber: plain('give a number', '须为数字'),
    isObject: plain('give an object', '须为对象'),
    isNotEmptyObject: plain('give an object with members', '须为非空对象'),
    isString: plain('give a text', '须为文本'),
    isUrl: plain('give a URL', '须为网址'),
    isLength: withGiven(
      (min, max) => `give ${min} to ${max} characters`,
      (min, max) => `长度须为 ${min} 至 ${max} 个字符`,
    ),
    matches: withGiven(
      (pattern) => `must match ${pattern}`,
      (pattern) => `须符合 ${pattern}`,
    ),
    max: withGiven(
      (max) => `give no more than ${max}`,
      (max) => `不得大于 ${max}`,
    ),
    maxLength: withGiven(
      (max) => `give no more than ${max} characters`,
      (max) => `最多 ${max} 个字符`,
    ),
    min: withGiven(
      (min) => `give at least ${min}`,
      (min) => `不得小于 ${min}`,
    ),
    minLength: withGiven(
      (min) => `give at least ${min} characters`,
      (min) => `至少 ${min} 个字符`,
    ),
    nestedValidation: plain('give an object, or a list of objects', '须为对象或对象列表'),
    unknownValue: plain('give an object', '须为对象'),
    whitelistValidation: plain('there is no such field; leave it out', '没有该字段，请删除'),
  };

function listed(value: unknown): string {
  if (Array.isArray(value)) return value.map(listed).join(', ');
  return typeof value === 'string' ? `"${value}"` : String(value);
}
