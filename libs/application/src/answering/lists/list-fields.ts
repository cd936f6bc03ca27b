import {
  checkOf,
  DateSchema,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  MonthSchema,
  parseInstant,
  PeriodSchema,
  Sha256Schema,
  type Check,
  type Instant,
  type TextEnum,
} from '@penalty-ledger/ledger';
import { Type, type Static, type TInteger, type TSchema, type TUnsafe } from '@sinclair/typebox';
import type { InBoth } from '../../language.js';

/** A field of a list's question, which comes as text: from an option or an address. */
export interface ListField<Schema extends TSchema = TSchema> {
  readonly schema: Schema;
  /** The effect of the field on the list. */
  readonly about: InBoth;
  /** The values that are taken, for a refusal: `an integer from 1 to 1000`. */
  readonly wanted: InBoth;
}

type Value<Schema extends TSchema> = Schema extends { readonly format: 'instant' }
  ? Instant
  : Static<Schema>;

export type ListFields = Readonly<Record<string, ListField>>;

/** The values of fields, of which any may be missing. */
export type ValuesOf<Fields extends ListFields> = {
  readonly [Name in keyof Fields]?: Value<Fields[Name]['schema']>;
};

function fieldOf<Schema extends TSchema>(
  schema: Schema,
  about: InBoth,
  wanted: InBoth,
): ListField<Schema> {
  return { schema: described(schema, about.en), about, wanted };
}

export const instantField = (about: InBoth): ListField<TUnsafe<Instant>> =>
  fieldOf(Type.Unsafe<Instant>(InstantSchema), about, {
    en: 'an RFC 3339 instant with an offset: 2019-06-01T12:00:00+08:00',
    zh: '带时区偏移的 RFC 3339 时间：2019-06-01T12:00:00+08:00',
  });

export const idField = (about: InBoth): ListField<typeof IdSchema> =>
  fieldOf(IdSchema, about, {
    en: 'one id of 1 to 64 characters A-Z a-z 0-9 . _ : -',
    zh: '一个编号：1 至 64 个字符，限 A–Z a–z 0–9 . _ : -',
  });

export const integerField = (
  about: InBoth,
  minimum: number,
  maximum: number,
): ListField<TInteger> =>
  fieldOf(Type.Integer({ minimum, maximum }), about, {
    en: `an integer from ${minimum} to ${maximum}`,
    zh: ` ${minimum} 至 ${maximum} 的整数`,
  });

/** One of some values. */
export function enumField<Text extends string>(
  about: InBoth,
  { enum: values }: TextEnum<Text>,
): ListField<TextEnum<Text>> {
  return fieldOf(enumOf(values), about, {
    en: `one of ${values.join(', ')}`,
    zh: `以下之一：${values.join('、')}`,
  });
}

export const dateField = (about: InBoth): ListField<typeof DateSchema> =>
  fieldOf(DateSchema, about, {
    en: 'a date of the calendar: 2026-01-05',
    zh: '日历中的日期：2026-01-05',
  });

export const monthField = (about: InBoth): ListField<typeof MonthSchema> =>
  fieldOf(MonthSchema, about, { en: 'a month: 2026-01', zh: '月份：2026-01' });

export const periodField = (about: InBoth): ListField<typeof PeriodSchema> =>
  fieldOf(PeriodSchema, about, { en: 'a year: 2019', zh: '年份：2019' });

export const sha256Field = (about: InBoth): ListField<typeof Sha256Schema> =>
  fieldOf(Sha256Schema, about, {
    en: 'a SHA-256: 64 lower-case hexadecimal digits',
    zh: 'SHA-256：64 位小写十六进制数字',
  });

/** The values that were read, or what is wrong with the first that could not be. */
export type ReadFields =
  | { readonly problem: InBoth }
  | { readonly problem?: undefined; readonly values: Readonly<Record<string, unknown>> };

/** Reads the texts of fields; one that is `undefined` counts as not given. */
export function fieldReader(
  fields: ListFields,
): (texts: Readonly<Record<string, unknown>>) => ReadFields {
  const checks = new Map<string, Check>(
    Object.entries(fields).map(([name, { schema }]) => [name, checkOf(schema, name)]),
  );
  return (texts) => {
    const values: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(texts)) {
      if (text === undefined) continue;
      const [field, check] = [fields[name], checks.get(name)];
      if (field === undefined || check === undefined)
        return { problem: unknownField(name, fields) };
      const value = valueOf(text, field.schema);
      if (check(value).length > 0)
        return {
          problem: {
            en: `${name}: give ${field.wanted.en}`,
            zh: `${name}：须为${field.wanted.zh}`,
          },
        };
      values[name] = field.schema['format'] === 'instant' ? parseInstant(value as string) : value;
    }
    return { values };
  };
}

function unknownField(name: string, fields: ListFields): InBoth {
  const known = Object.keys(fields);
  return {
    en: `${name}: unknown parameter; there are ${known.join(', ')}`,
    zh: `${name}：没有该参数；可用参数：${known.join('、')}`,
  };
}

/** The number that digits stand for where one is wanted; any other text is left for its check. */
function valueOf(text: unknown, schema: TSchema): unknown {
  return schema['type'] === 'integer' && typeof text === 'string' && /^\d{1,15}$/.test(text)
    ? Number(text)
    : text;
}
