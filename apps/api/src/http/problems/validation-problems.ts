import { closed, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { getMetadataStorage, type ValidationError } from 'class-validator';
import type { InBoth, Language } from '../language.js';
import { constraintTexts } from './constraint-texts.js';

/** One place of a request that is wrong. */
export type FieldProblem = Shape<typeof FieldProblemSchema>;
const FieldProblemSchema = closed({
  path: Type.String({
    description: '`data.items[2].sha256`: members by name, places in a list from 0',
  }),
  constraint: Type.String({
    description: 'the name of the check that failed: `isArray`, `unknown_field`',
  }),
  message: Type.String(),
});

/** A wrong place of a body, also as an RFC 6901 pointer. */
export type PointedProblem = Shape<typeof PointedProblemSchema>;
export const PointedProblemSchema = closed({
  ...FieldProblemSchema.properties,
  pointer: Type.String({ description: '`/items/2/sha256`; empty for the whole body' }),
});

/** The most problems that are named: more do not help to correct a body. */
const maxNamed = 100;

/** The wrong places of a body: the first hundred, and the number of the others. */
export interface FieldProblems {
  readonly named: readonly FieldProblem[];
  readonly more: number;
}

/** Names the first hundred of all problems. */
export function firstOf(problems: readonly FieldProblem[]): FieldProblems {
  const named = problems.slice(0, maxNamed);
  return { named, more: problems.length - named.length };
}

/**
 * Lists what class-validator found, one entry for each failed check, in the sender's language. A
 * decorator that says more than the table does carries both texts in its `context`, as
 * {@link InBoth}; a check that has neither keeps class-validator's English message. Texts are made
 * for those that are named alone: for each of 20,000 unknown members they took 150 ms.
 *
 * The value sent is never repeated: it may be personal.
 *
 * @param parent the path of what was validated: `data`; empty for a whole body
 */
export function fieldProblems(
  errors: readonly ValidationError[],
  language: Language,
  parent = '',
): FieldProblems {
  const failed = failedChecks(errors, parent);
  const named = failed.slice(0, maxNamed).map(({ error, path, constraint, english }) => ({
    path,
    constraint: publicNames[constraint] ?? constraint,
    message: messageOf(error, constraint, english, language),
  }));
  return { named, more: failed.length - named.length };
}

interface FailedCheck {
  readonly error: ValidationError;
  readonly path: string;
  readonly constraint: string;
  /** The message of class-validator. */
  readonly english: string;
}

function failedChecks(errors: readonly ValidationError[], parent: string): FailedCheck[] {
  return errors.flatMap((error) => {
    const path = /^\d+$/.test(error.property)
      ? `${parent}[${error.property}]`
      : `${parent}${parent === '' ? '' : '.'}${shownName(error.property)}`;
    const own = Object.entries(error.constraints ?? {}).map(([constraint, english]) => ({
      error,
      path,
      constraint,
      english,
    }));
    return [...own, ...failedChecks(error.children ?? [], path)];
  });
}

/** The longest name of a member that is repeated: a sender may write 256 KiB. */
const maxNameLength = 200;

function shownName(name: string): string {
  return name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength).toWellFormed()}…`;
}

/** Our names of checks whose own names speak of the library. */
const publicNames: Readonly<Partial<Record<string, string>>> = {
  whitelistValidation: 'unknown_field',
};

function messageOf(
  error: ValidationError,
  constraint: string,
  english: string,
  language: Language,
): string {
  const context: unknown = error.contexts?.[constraint];
  if (isInBoth(context)) return context[language];
  return constraintTexts[constraint]?.[language](argumentsOf(error, constraint)) ?? english;
}

function isInBoth(context: unknown): context is InBoth {
  return typeof context === 'object' && context !== null && 'en' in context && 'zh' in context;
}

/**
 * The arguments of a decorator (`@Min(1)`: 1). An error names its check only; the decorator's
 * metadata has the rest.
 */
function argumentsOf(
  { target, property }: ValidationError,
  constraint: string,
): readonly unknown[] {
  if (target === undefined) return [];
  const found = getMetadataStorage()
    .getTargetValidationMetadatas(target.constructor, '', true, false)
    .find(({ propertyName, name }) => propertyName === property && name === constraint);
  const given: unknown = found?.constraints;
  return Array.isArray(given) ? given : [];
}
