import { FormatRegistry, Type, type Static, type TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { parseInstant } from './instant.js';

FormatRegistry.Set('instant', (text) => parseInstant(text) !== undefined);
FormatRegistry.Set('local-date', (text) => parseInstant(`${text}T00:00:00Z`) !== undefined);

/** An id: 1–64 characters of `[A-Za-z0-9._:-]` (interchange, first lines). */
export const IdSchema = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,64}$',
  description: 'an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
});

/** An instant as it is sent: RFC 3339 with an offset, no finer than a millisecond. */
export const InstantSchema = Type.String({
  format: 'instant',
  description:
    'an RFC 3339 instant with an offset, no finer than a millisecond, from 1992 on: 2019-04-01T10:00:00+08:00',
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

/** Free text. Bounded so that an event stays far below every engine's limit (store-semantics, rule 11). */
export const TextSchema = Type.String({
  minLength: 1,
  maxLength: 20_000,
  description: 'text of 1 to 20,000 characters',
});

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
