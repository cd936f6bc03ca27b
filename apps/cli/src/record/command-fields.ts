import { saidIn } from '../terminal/language.js';
import { brokenBound, misreadPlaces, misreadReasons } from '@penalty-ledger/application';
import { describedInBoth, sameInBoth, type checkOf, type InBoth } from '@penalty-ledger/ledger';
import { UsageError } from '../terminal/exit-codes.js';

type Schema = Parameters<typeof checkOf>[0];

/** The way a field is typed on the command line. */
export type FieldForm = 'text' | 'integer' | 'boolean' | 'texts' | 'json';

/** A field of a command's data, as an option: `--agency-id`, or `--notice.case-no` of a member. */
export interface CommandField {
  /** Its place in the data: `['notice', 'caseNo']`. */
  readonly path: readonly string[];
  readonly option: string;
  readonly form: FieldForm;
  readonly required: boolean;
  /** The form that its value must have. */
  readonly description: InBoth;
  readonly schema: Schema;
}

type Properties = Readonly<Record<string, Schema>>;

/**
 * Returns the fields of a command's data, in the order of its schema. An object of single values is
 * a field for each of them; any other object, and a list of objects, is written as JSON.
 */
export function fieldsOf(schema: Schema): readonly CommandField[] {
  return fieldsUnder(schema, [], true);
}

function fieldsUnder(
  schema: Schema,
  above: readonly string[],
  isRequired: boolean,
): readonly CommandField[] {
  const required = (schema['required'] ?? []) as readonly string[];
  return Object.entries((schema['properties'] ?? {}) as Properties).flatMap(([name, member]) => {
    const path = [...above, name];
    const needed = isRequired && required.includes(name);
    if (above.length === 0 && isObjectOfValues(member)) return fieldsUnder(member, path, needed);
    return [fieldOf(path, member, needed)];
  });
}

function fieldOf(path: readonly string[], schema: Schema, required: boolean): CommandField {
  const { description = '' } = schema;
  const known = describedInBoth(description);
  return {
    path,
    option: `--${path.map(dashed).join('.')}`,
    form: formOf(schema),
    required,
    description: known ?? sameInBoth(description),
    schema,
  };
}

function isObjectOfValues({ properties }: Schema): boolean {
  return (
    properties !== undefined &&
    Object.values(properties as Properties).every((member) => formOf(member) !== 'json')
  );
}

function formOf({ type, items, anyOf, const: literal }: Schema): FieldForm {
  if (type === 'integer' || type === 'number') return 'integer';
  if (type === 'boolean' || typeof literal === 'boolean') return 'boolean';
  if (type === 'array') return formOf(items as Schema) === 'text' ? 'texts' : 'json';
  if (Array.isArray(anyOf)) return formOf(anyOf[0] as Schema);
  return type === 'string' ? 'text' : 'json';
}

/** `agencyId` as `agency-id`. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Reads a typed text as the value of a field. What is no number or no JSON stays text, which the
 * command's schema refuses in its own words.
 *
 * @throws UsageError
 */
export function valueOf(
  { form, option }: CommandField,
  typed: string | readonly string[],
): unknown {
  if (typeof typed !== 'string') return typed;
  switch (form) {
    case 'text':
      return typed;
    case 'texts':
      return typed.split(/[\s,]+/).filter((part) => part !== '');
    case 'boolean':
      return typed === 'true' ? true : typed === 'false' ? false : typed;
    case 'integer':
      return /^-?\d{1,16}$/.test(typed) ? Number(typed) : typed;
    case 'json':
      return jsonIn(typed, option);
  }
}

/** @throws UsageError for JSON with more than one meaning: a member that occurs twice */
function jsonIn(typed: string, option: string): unknown {
  if (brokenBound(typed) !== undefined) return typed;
  let value: unknown;
  try {
    value = JSON.parse(typed);
  } catch {
    return typed;
  }
  const [misread] = misreadPlaces(typed, value);
  if (misread === undefined) return value;
  throw new UsageError(`${option}: ${misread.path}: ${saidIn(misreadReasons[misread.kind])}`);
}

/** Makes a command's data of the values that were given, by field. */
export function dataOf(values: ReadonlyMap<CommandField, unknown>): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const [{ path }, value] of values) {
    const [name = '', member] = path;
    if (member === undefined) data[name] = value;
    else data[name] = { ...(data[name] as object | undefined), [member]: value };
  }
  return data;
}
