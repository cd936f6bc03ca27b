import {
  agency,
  closed,
  enumOf,
  openPersonalData,
  type LedgerEvent,
  type PersonalData,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type, type TNull, type TSchema, type TString, type TUnion } from '@sinclair/typebox';
import type { KeyStore } from '../keys/key-store.js';

/**
 * A value in the place of a text that is not shown. It is no text, so that a reason which is the
 * word `sealed` is read as that reason.
 */
export type Withheld = Shape<typeof WithheldSchema>;
export const WithheldSchema = closed(
  { withheld: enumOf(['erased', 'sealed']) },
  {
    $id: 'Withheld',
    description:
      'in the place of a text: `erased` when its key was destroyed, `sealed` when it is not here',
  },
);

/** A text that was sealed, in clear; or why it is not shown. */
export type ShownText = string | Withheld;

/** Describes a {@link ShownText} that may be missing. */
export function shownText(
  description = 'null without one',
): TUnion<[TString, typeof WithheldSchema, TNull]> {
  return shownOrWithheld(Type.String(), description);
}

function shownOrWithheld<Schema extends TSchema>(
  shown: Schema,
  description: string,
): TUnion<[Schema, typeof WithheldSchema, TNull]> {
  return Type.Union([shown, WithheldSchema, Type.Null()], { description });
}

/** The texts of an event that are not shown: why, and the names of those there are. */
export class WithheldTexts {
  constructor(
    readonly reason: Withheld,
    readonly names: ReadonlySet<string>,
  ) {}
}

/** An event's personal part in clear, beside its data; or why it is not. */
export type Personal = PersonalData | WithheldTexts | undefined;

/** The texts of an event, which are of one subject, in clear; or why they are not. */
export function personalOf(
  { personal, id }: Pick<LedgerEvent, 'id' | 'personal'>,
  keys: KeyStore,
): Personal {
  if (personal === undefined) return undefined;
  const subject = personal[0]?.subject ?? '';
  const key = keys.find(subject);
  if (key !== undefined) return openPersonalData(personal, id, key);
  const withheld = keys.stateOf(subject) === 'destroyed' ? 'erased' : 'sealed';
  // `/titles/0` and `/statement/facts` are parts of a text.
  const names = personal.map(({ text }) => text.split('/')[1] ?? '');
  return new WithheldTexts({ withheld }, new Set(names));
}

export function isWithheld(personal: Personal): personal is WithheldTexts {
  return personal instanceof WithheldTexts;
}

function withheldText({ names, reason }: WithheldTexts, name: string): Withheld | null {
  return names.has(name) ? reason : null;
}

/** One text of it; null when there is none. */
export function textOf(personal: Personal, field: string): ShownText | null {
  if (isWithheld(personal)) return withheldText(personal, field);
  const text = personal?.[field];
  return typeof text === 'string' ? text : null;
}

/** The platform's statement of reasons for an act. */
type StatementText = Shape<typeof StatementTextSchema>;
export const StatementTextSchema = shownOrWithheld(
  agency.StatementSchema,
  'the platform’s statement of reasons; null without one',
);

/** The statement of reasons among the texts; null when there is none. */
export function statementOf(personal: Personal): StatementText {
  if (isWithheld(personal)) return withheldText(personal, 'statement');
  return (personal?.['statement'] as StatementText | undefined) ?? null;
}
