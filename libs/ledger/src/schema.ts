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
import { parseInstant, type Instant } from './instant.js';

FormatRegistry.Set('instant', (text) => parseInstant(text) !== undefined);
FormatRegistry.Set('uuid', (text) => uuid.test(text));
FormatRegistry.Set('local-date', (text) => parseInstant(`${text}T00:00:00Z`) !== undefined);

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

const enumKind = 'TextEnum';
TypeRegistry.Set<{ readonly enum: readonly unknown[] }>(enumKind, (schema, value) =>
  schema.enum.includes(value),
);

/** The type of what a schema describes, read-only throughout. */
export type Shape<Schema extends TSchema> = ReadOnly<Static<Schema>>;

type ReadOnly<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null | undefined
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
  description: 'an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
});

/** An instant as it is sent: RFC 3339 with an offset, no finer than a millisecond. */
export const InstantSchema = Type.String({
  format: 'instant',
  description:
    'an RFC 3339 instant with an offset, no finer than a millisecond, ' +
    'from 1992 on: 2019-04-01T10:00:00+08:00',
});

/** An instant as it is kept: in UTC, to the millisecond. */
export const UtcInstantSchema = Type.Unsafe<Instant>({
  ...InstantSchema,
  description: 'an RFC 3339 instant in UTC, to the millisecond: 2019-04-01T02:00:00.000Z',
});

/** A calendar year, the name of a period. */
export const PeriodSchema = Type.String({
  pattern: '^(?:199[2-9]|[2-8][0-9]{3})$',
  description: 'a year: "2019"',
});

/** A calendar month. */
export const MonthSchema = Type.String({
  pattern: '^(?:199[2-9]|[2-8][0-9]{3})-(?:0[1-9]|1[0-2])$',
  description: 'a month: "2019-04"',
});

/** A day of the calendar in the ledger's zone. */
export const DateSchema = Type.String({
  format: 'local-date',
  description: 'a date of the calendar: "2019-04-01"',
});

/** A vertical is the platform's word: an id or text in any script. */
export const VerticalSchema = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'the name of a vertical, 1 to 100 characters',
});

/** SHA-256 in lower-case hexadecimal. */
export const Sha256Schema = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'a SHA-256: 64 lower-case hexadecimal digits',
});

/** A media type, `type/subtype`. */
export const MediaTypeSchema = Type.String({
  pattern: '^[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}$',
  description: 'a media type: image/png',
});

/** Free text. Bounded so that an event stays far below every engine's limit (engine rule 11). */
export const TextSchema = Type.String({
  minLength: 1,
  maxLength: 20_000,
  description: 'text of 1 to 20,000 characters',
});

/** A UUID, as events, packs and webhooks are named. */
export const UuidSchema = Type.String({ format: 'uuid', description: 'a UUID' });

/** Checks a value against a schema; gives what is wrong, each with its path, or nothing. */
export type Check = (value: unknown) => readonly string[];

/** Compiles a schema into a {@link Check}. `root` names the value in messages: `data`. */
export function checkOf(schema: TSchema, root: string): Check {
  const compiled = TypeCompiler.Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return [];
    const problems = new Map<string, string>();
    for (const { path, message, schema: wanted } of compiled.Errors(value)) {
      const place = `${root}${path.replaceAll('/', '.')}`;
      if (!problems.has(place))
        problems.set(place, `${place}: ${problemText(message, wanted.description)}`);
      if (problems.size === 8) break;
    }
    return [...problems.values()];
  };
}

function problemText(message: string, description: string | undefined): string {
  if (message === 'Unexpected property') return 'unknown field; remove it';
  if (message === 'Expected required property') return `missing; give ${description ?? 'a value'}`;
  return description === undefined
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : `must be ${description}`;
}

export { Type };
export type { Static, TSchema };
