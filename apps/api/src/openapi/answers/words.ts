import type { SchemaObject } from '../schemas.js';

/** The fields a type may leave out. */
type OptionalFields<T> = {
  [Field in keyof T]-?: Partial<Pick<T, Field>> extends Pick<T, Field> ? Field : never;
}[keyof T];

export const text: SchemaObject = { type: 'string' };
export const whole: SchemaObject = { type: 'integer' };
export const truth: SchemaObject = { type: 'boolean' };
export const instant: SchemaObject = { type: 'string', format: 'date-time' };
export const date: SchemaObject = { type: 'string', format: 'date' };
export const month: SchemaObject = { type: 'string', pattern: '^\\d{4}-\\d{2}$' };
export const id: SchemaObject = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' };
/** SHA-256, in lower-case hexadecimal. */
export const digest: SchemaObject = { type: 'string', pattern: '^[0-9a-f]{64}$' };
/** A sum of whole numbers; a text of digits where it is no safe integer. */
export const sum: SchemaObject = {
  oneOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^\\d+$' },
  ],
};

export const ref = (name: string): { readonly $ref: string } => ({
  $ref: `#/components/schemas/${name}`,
});
export const listOf = (items: object): SchemaObject => ({ type: 'array', items });
export const orNull = (schema: object): SchemaObject => ({ oneOf: [schema, { type: 'null' }] });
export const constant = (value: unknown): SchemaObject => ({ const: value }) as never;

/** One of the words of a type: all of them, since the compiler asks for each. */
export const words = <Word extends string>(all: Readonly<Record<Word, true>>): SchemaObject => ({
  type: 'string',
  enum: Object.keys(all),
});

/**
 * An object with the fields of a type and no others. The compiler asks for every field, so that a field added to an answer is added here.
 *
 * @param optional the fields that may be left out
 */
export function closed<T extends object>(
  properties: Readonly<Record<keyof T & string, object>>,
  ...optional: readonly (OptionalFields<T> & string)[]
): SchemaObject {
  const left: readonly string[] = optional;
  return {
    type: 'object',
    required: Object.keys(properties).filter((name) => !left.includes(name)),
    properties,
    additionalProperties: false,
  };
}

/** A page of a list. */
export const page = (items: object): SchemaObject =>
  closed<{ readonly items: object; readonly next?: string }>(
    { items: listOf(items), next: text },
    'next',
  );
