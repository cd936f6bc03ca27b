import 'reflect-metadata';
import {
  checkOf,
  DateSchema,
  evidence,
  IdSchema,
  InstantSchema,
  MonthSchema,
  PeriodSchema,
  Sha256Schema,
  TextSchema,
  VerticalSchema,
  type Instant,
} from '@penalty-ledger/ledger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { Nested } from './body-instance.js';
import type { InBoth } from './language.js';

/** A command's data as it is sent: its instants are text still. A body's class implements it. */
export type Sent<Data> = { readonly [Key in keyof Data]: Unread<Data[Key]> };
type Unread<Value> = Value extends Instant ? string : Value;

type Schema = Parameters<typeof checkOf>[0];
type Field = () => PropertyDecorator;

/** A field that fits one of the domain's own schemas, so that its form is defined in one place. */
function fits(name: string, schema: Schema, text: InBoth): Field {
  const check = checkOf(schema, 'value');
  return () =>
    ValidateBy(
      { name, validator: { validate: (value: unknown) => check(value).length === 0 } },
      { message: text.en, context: text },
    );
}

export const Id = fits('id', IdSchema, {
  en: 'give an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
  zh: '须为编号：1 至 64 个字符，限 A–Z a–z 0–9 . _ : -',
});

export const AnInstant = fits('instant', InstantSchema, {
  en:
    'give an RFC 3339 instant with an offset, no finer than a millisecond: ' +
    '2019-04-01T10:00:00+08:00',
  zh: '须为带时区偏移的 RFC 3339 时间，精度不超过毫秒：2019-04-01T10:00:00+08:00',
});

export const Month = fits('month', MonthSchema, {
  en: 'give a month: "2019-04"',
  zh: '须为月份："2019-04"',
});
export const Period = fits('period', PeriodSchema, {
  en: 'give a year: "2019"',
  zh: '须为年份："2019"',
});
export const CalendarDate = fits('date', DateSchema, {
  en: 'give a date: "2019-04-01"',
  zh: '须为日期："2019-04-01"',
});

export const Sha256 = fits('sha256', Sha256Schema, {
  en: 'give a SHA-256: 64 lower-case hexadecimal digits',
  zh: '须为 SHA-256：64 位小写十六进制数',
});

export const Vertical = fits('vertical', VerticalSchema, {
  en: 'give the name of a vertical, 1 to 100 characters',
  zh: '须为类目名称，1 至 100 个字符',
});

export const FreeText = fits('text', TextSchema, {
  en: 'give a text of 1 to 20,000 characters',
  zh: '须为 1 至 20000 个字符的文本',
});

export const MediaType = fits('form', evidence.commandSchema.properties.mediaType, {
  en: 'give a media type: image/png',
  zh: '须为媒体类型：image/png',
});

/** One of the domain's schemas that only one field has. */
export function Fits(schema: Schema, text: InBoth): PropertyDecorator {
  return fits('form', schema, text)();
}

/** A field that may be left out. `null` does not leave it out. */
export function MayBeMissing(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/** One of a few values. */
export function OneOf(...values: readonly (string | boolean)[]): PropertyDecorator {
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  const text = { en: `give one of ${list}`, zh: `须为以下之一：${list}` };
  return ValidateBy(
    {
      name: 'enum',
      validator: { validate: (value: unknown) => (values as readonly unknown[]).includes(value) },
    },
    { message: text.en, context: text },
  );
}

/** A safe integer of a range, both ends included. */
export function IntegerFrom(min: number, max: number): PropertyDecorator {
  const text = {
    en: `give an integer from ${min} to ${max}`,
    zh: `须为 ${min} 至 ${max} 的整数`,
  };
  const validate = (value: unknown): boolean =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
  return ValidateBy(
    { name: 'integer', validator: { validate } },
    { message: text.en, context: text },
  );
}

/** A text of a length. */
export function TextUpTo(max: number): PropertyDecorator {
  const text = {
    en: `give a text of 1 to ${max} characters`,
    zh: `须为 1 至 ${max} 个字符的文本`,
  };
  const validate = (value: unknown): boolean =>
    typeof value === 'string' && value.length > 0 && value.length <= max;
  return ValidateBy({ name: 'text', validator: { validate } }, { message: text.en, context: text });
}

/** A list of ids, each once. */
export function Ids(min: number, max: number): PropertyDecorator {
  return eachOnce('ids', IdSchema, [min, max], {
    en: `give ${min} to ${max} ids, each once`,
    zh: `须为 ${min} 至 ${max} 个编号，不得重复`,
  });
}

/** A list of SHA-256 hashes, each once. */
export function Hashes(min: number, max: number): PropertyDecorator {
  return eachOnce('hashes', Sha256Schema, [min, max], {
    en: `give ${min} to ${max} SHA-256 hashes, each once`,
    zh: `须为 ${min} 至 ${max} 个 SHA-256 哈希，不得重复`,
  });
}

function eachOnce(
  name: string,
  schema: Schema,
  [min, max]: readonly [number, number],
  text: InBoth,
): PropertyDecorator {
  const check = checkOf(schema, name);
  const validate = (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length >= min &&
    value.length <= max &&
    new Set(value).size === value.length &&
    value.every((each) => check(each).length === 0);
  return ValidateBy({ name, validator: { validate } }, { message: text.en, context: text });
}

/** An object with fields of its own. */
export function Part(type: () => new () => object): PropertyDecorator {
  return together(ValidateNested(), Nested(type));
}

/** A list of objects with fields of their own. */
export function Parts(type: () => new () => object, min: number, max: number): PropertyDecorator {
  return together(
    IsArray(),
    ArrayMinSize(min),
    ArrayMaxSize(max),
    ValidateNested({ each: true }),
    Nested(type, max),
  );
}

function together(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorate of decorators) decorate(target, key);
  };
}
