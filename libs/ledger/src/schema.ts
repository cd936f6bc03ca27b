import {
  FormatRegistry,
  Kind,
  Type,
  TypeRegistry,
  type ObjectOptions,
  type Static,
  type TNull,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnion,
  type TUnsafe,
} from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { ValueErrorType, type ValueError } from '@sinclair/typebox/errors';
import { placed, Sentence, type InBoth } from './in-both.js';
import { parseInstant, type Instant } from './instant.js';

FormatRegistry.Set('instant', (text) => parseInstant(text) !== undefined);
FormatRegistry.Set('uuid', (text) => uuid.test(text));
FormatRegistry.Set('local-date', (text) => parseInstant(`${text}T00:00:00Z`) !== undefined);

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

const enumKind = 'TextEnum';
TypeRegistry.Set<{ readonly enum: readonly unknown[] }>(enumKind, (schema, value) =>
  schema.enum.includes(value),
);

const sentenceKind = 'Sentence';
TypeRegistry.Set(sentenceKind, (_, value) => value instanceof Sentence);

/** A sentence of the ledger: in JSON its English half. */
export function SentenceSchema(description?: string): TUnsafe<Sentence> {
  const about = description === undefined ? {} : { description };
  return Type.Unsafe<Sentence>({ [Kind]: sentenceKind, type: 'string', ...about });
}

/** Tells whether a schema is of a {@link Sentence}. */
export function isSentenceSchema(schema: TSchema): boolean {
  return schema[Kind] === sentenceKind;
}

/** The Chinese of descriptions that say what a value must be, by their English. */
const descriptionsInChinese = new Map<string, string>();

/**
 * A description of what a value must be, for people who are told that theirs is not. A schema holds
 * the English alone, because `/openapi.json` is English.
 */
export function wanted(en: string, zh: string): string {
  descriptionsInChinese.set(en, zh);
  return en;
}

/** A description of a schema in both languages, or `undefined` if it was not written so. */
export function describedInBoth(description: string): InBoth | undefined {
  const zh = descriptionsInChinese.get(description);
  return zh === undefined ? undefined : { en: description, zh };
}

/** The type of what a schema describes, read-only throughout. */
export type Shape<Schema extends TSchema> = ReadOnly<Static<Schema>>;

type ReadOnly<Value> = unknown extends Value
  ? Value
  : Value extends Sentence | string | number | boolean | null | undefined
    ? Value
    : { readonly [Key in keyof Value]: ReadOnly<Value[Key]> };

/**
 * An object with these members and no others. A schema with an `$id` is a component of that name in
 * `/openapi.json`, wherever it stands.
 */
export function closed<Properties extends TProperties>(
  properties: Properties,
  options: ObjectOptions = {},
): TObject<Properties> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

/** A value of the schema, or null. */
export function nullable<Schema extends TSchema>(
  schema: Schema,
  description?: string,
): TUnion<[Schema, TNull]> {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
}

/** A text that is one of some. */
export interface TextEnum<Value extends string> extends TUnsafe<Value> {
  readonly enum: readonly Value[];
}

/** One of these texts. TypeBox's own union of literals would be a schema for each. */
export function enumOf<const Value extends string>(
  values: readonly Value[],
  description?: string,
): TextEnum<Value> {
  const about = description === undefined ? {} : { description };
  const schema = Type.Unsafe<Value>({ [Kind]: enumKind, type: 'string', ...about });
  return { ...schema, enum: values };
}

/** The same schema, said to be what the description says. */
export function described<Schema extends TSchema>(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/** An id: 1–64 characters of `[A-Za-z0-9._:-]` (interchange, first lines). */
export const IdSchema = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,64}$',
  description: wanted(
    'an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
    '编号：1 至 64 个字符，限 A–Z a–z 0–9 . _ : -',
  ),
});

/** An instant as it is sent: RFC 3339 with an offset, no finer than a millisecond. */
export const InstantSchema = Type.String({
  format: 'instant',
  description: wanted(
    'an RFC 3339 instant with an offset, no finer than a millisecond, ' +
      'from 1992 to 9000: 2019-04-01T10:00:00+08:00',
    '带时区偏移的 RFC 3339 时间，精度不超过毫秒，1992 至 9000 年：2019-04-01T10:00:00+08:00',
  ),
});

/** An instant as it is kept: in UTC, to the millisecond. */
export const UtcInstantSchema = Type.Unsafe<Instant>({
  ...InstantSchema,
  description: wanted(
    'an RFC 3339 instant in UTC, to the millisecond: 2019-04-01T02:00:00.000Z',
    '精确到毫秒的 UTC RFC 3339 时间：2019-04-01T02:00:00.000Z',
  ),
});

/** A calendar year, the name of a period. */
export const PeriodSchema = Type.String({
  pattern: '^(?:199[2-9]|[2-8][0-9]{3})$',
  description: wanted('a year: "2019"', '年份："2019"'),
});

/** A calendar month. */
export const MonthSchema = Type.String({
  pattern: '^(?:199[2-9]|[2-8][0-9]{3})-(?:0[1-9]|1[0-2])$',
  description: wanted('a month: "2019-04"', '月份："2019-04"'),
});

/** A day of the calendar in the ledger's zone. */
export const DateSchema = Type.String({
  format: 'local-date',
  description: wanted('a date of the calendar: "2019-04-01"', '日期："2019-04-01"'),
});

/** A vertical is the platform's word: an id or text in any script. */
export const VerticalSchema = Type.String({
  minLength: 1,
  maxLength: 100,
  description: wanted('the name of a vertical, 1 to 100 characters', '垂类名称，1 至 100 个字符'),
});

/** SHA-256 in lower-case hexadecimal. */
export const Sha256Schema = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: wanted(
    'a SHA-256: 64 lower-case hexadecimal digits',
    'SHA-256：64 位小写十六进制数字',
  ),
});

/** A media type, `type/subtype`. */
export const MediaTypeSchema = Type.String({
  pattern: '^[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}$',
  description: wanted('a media type: image/png', '媒体类型：image/png'),
});

/** Free text. Bounded so that an event stays far below every engine's limit (engine rule 11). */
export const TextSchema = Type.String({
  minLength: 1,
  maxLength: 20_000,
  description: wanted('text of 1 to 20,000 characters', '1 至 20,000 个字符的文本'),
});

/** A UUID, as events, packs and webhooks are named. */
export const UuidSchema = Type.String({ format: 'uuid', description: wanted('a UUID', 'UUID') });

/** Checks a value against a schema; gives what is wrong, each with its path, or nothing. */
export type Check = (value: unknown) => readonly Sentence[];

/** Compiles a schema into a {@link Check}. `root` names the value in messages: `data`. */
export function checkOf(schema: TSchema, root: string): Check {
  const compiled = TypeCompiler.Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return [];
    const problems = new Map<string, Sentence>();
    for (const error of compiled.Errors(value)) {
      const place = `${root}${error.path.replaceAll('/', '.')}`;
      if (!problems.has(place)) problems.set(place, placed(place, problemOf(error)));
      if (problems.size === 8) break;
    }
    return [...problems.values()];
  };
}

function problemOf({ type, message, schema }: ValueError): InBoth {
  const { description } = schema;
  const about = description === undefined ? undefined : describedInBoth(description);
  const form = { en: description ?? 'a value', zh: about?.zh ?? formInChinese(type, schema) };
  if (type === ValueErrorType.ObjectAdditionalProperties)
    return { en: 'unknown field; remove it', zh: '没有该字段；请删除' };
  if (type === ValueErrorType.ObjectRequiredProperty)
    return { en: `missing; give ${form.en}`, zh: `缺少；须为${spaced(form.zh)}` };
  return {
    en:
      description === undefined
        ? message.charAt(0).toLowerCase() + message.slice(1)
        : `must be ${description}`,
    zh: `须为${spaced(form.zh)}`,
  };
}

/** A form after Chinese text: a space before a figure, a Latin letter or its quote. */
function spaced(form: string): string {
  return /^[\dA-Za-z"]/.test(form) ? ` ${form}` : form;
}

/** The form of a value by its schema, where no description has it. */
function formInChinese(type: ValueErrorType, schema: TSchema): string {
  const limit = limits[type];
  if (limit !== undefined) return limit(schema);
  if (Array.isArray(schema['enum'])) return `以下之一：${schema['enum'].join('、')}`;
  if ('const' in schema) return JSON.stringify(schema['const']);
  return formsInChinese[String(schema['type'])] ?? '一个值';
}

const limits: Readonly<Partial<Record<ValueErrorType, (schema: TSchema) => string>>> = {
  [ValueErrorType.ArrayMaxItems]: ({ maxItems }) => `最多 ${String(maxItems)} 项的列表`,
  [ValueErrorType.ArrayMinItems]: ({ minItems }) => `至少 ${String(minItems)} 项的列表`,
  [ValueErrorType.ArrayUniqueItems]: () => '没有重复项的列表',
  [ValueErrorType.IntegerMaximum]: ({ maximum }) => `不大于 ${String(maximum)} 的整数`,
  [ValueErrorType.IntegerMinimum]: ({ minimum }) => `不小于 ${String(minimum)} 的整数`,
  [ValueErrorType.NumberMaximum]: ({ maximum }) => `不大于 ${String(maximum)} 的数字`,
  [ValueErrorType.NumberMinimum]: ({ minimum }) => `不小于 ${String(minimum)} 的数字`,
  [ValueErrorType.ObjectMinProperties]: () => '有成员的对象',
  [ValueErrorType.StringMaxLength]: ({ maxLength }) => `不超过 ${String(maxLength)} 个字符的文本`,
  [ValueErrorType.StringMinLength]: ({ minLength }) => `至少 ${String(minLength)} 个字符的文本`,
  [ValueErrorType.StringPattern]: ({ pattern }) => `符合 ${String(pattern)} 的文本`,
};

const formsInChinese: Readonly<Partial<Record<string, string>>> = {
  array: '列表',
  boolean: 'true 或 false',
  integer: '整数',
  null: 'null',
  number: '数字',
  object: '对象',
  string: '文本',
};

export { Type };
export type { Static, TSchema };
