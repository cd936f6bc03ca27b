import { parseInstant } from './instant.js';

/**
 * Says whether a value read from stored bytes has a given form. It lists no problems with their
 * paths, because stored data are never mended.
 */
export type ShapeCheck = (value: unknown) => boolean;

export const matching =
  (pattern: RegExp): ShapeCheck =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

export const isHash = matching(/^[0-9a-f]{64}$/);
export const isId = matching(/^[A-Za-z0-9._:-]{1,64}$/);
export const isStream = matching(/^[A-Za-z0-9._:-]{1,80}$/);
export const isPeriod = matching(/^(?:199[2-9]|[2-8][0-9]{3})$/);

/** An instant in the one spelling events have (`docs/spec/event.md`, "Envelope"). */
export const isInstant: ShapeCheck = (value) =>
  typeof value === 'string' && parseInstant(value) === value;

export const integerFrom =
  (least: number): ShapeCheck =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least;

export const exactly =
  (expected: unknown): ShapeCheck =>
  (value) =>
    value === expected;

export const listOf =
  (item: ShapeCheck): ShapeCheck =>
  (value) =>
    Array.isArray(value) && value.every(item);

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with these members, those marked `?` if present, and no other. */
export function objectOf(members: Readonly<Record<string, ShapeCheck>>): ShapeCheck {
  const known = new Map(
    Object.entries(members).map(([name, shape]) => [name.replace('?', ''), shape]),
  );
  const required = Object.keys(members).filter((name) => !name.endsWith('?'));
  return (value) =>
    isObject(value) &&
    Object.keys(value).every((name) => known.get(name)?.(value[name]) === true) &&
    required.every((name) => Object.hasOwn(value, name));
}

/** Base64 in its one spelling, of so many bytes. */
export const base64 =
  (fits: (bytes: number) => boolean): ShapeCheck =>
  (value) => {
    if (typeof value !== 'string') return false;
    const bytes = Buffer.from(value, 'base64');
    return bytes.toString('base64') === value && fits(bytes.length);
  };

/** Says whether each is greater than the one before, by code unit or as numbers. */
export function isAscending(values: readonly (string | number)[]): boolean {
  return values.every((value, at) => at === 0 || value > (values[at - 1] as string | number));
}
