import {
  enumOf,
  findingSeverities,
  ruleLinks,
  type FindingCode,
  type RuledCode,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { findingTexts } from './finding-texts.js';
import type { InBoth, Language } from '../language.js';
import type { ProblemRule, ProblemText, TextWithoutRule } from './problem-text.js';
import { rejectionTexts, type DomainCode } from './rejection-texts.js';
import { serviceTexts, type ServiceCode } from './service-texts.js';
import { PointedProblemSchema, type PointedProblem } from './validation-problems.js';

/**
 * A finding of severity `breach`: in operator mode its code is the reason of a refusal (rules §2).
 */
export type BreachCode = {
  [Code in FindingCode]: (typeof findingSeverities)[Code] extends 'breach' ? Code : never;
}[FindingCode];

/** Every code a request can be refused with. */
export type ProblemCode = DomainCode | BreachCode | ServiceCode;

/** The particulars of one occurrence. */
export interface Occurrence {
  /** Says what is wrong, where, and what to do. */
  readonly detail?: InBoth;
  /** The request's id, so that people and logs speak of the same one. */
  readonly requestId?: string;
  /** Every place of the request that is wrong. */
  readonly errors?: readonly PointedProblem[];
}

/** The media type of a {@link ProblemDocument}. */
export const problemMediaType = 'application/problem+json';

const catalogue: ReadonlyMap<string, ProblemText> = new Map<string, ProblemText>([
  ...entriesOf(rejectionTexts).map(([code, text]) => withRule(code, text)),
  ...Object.entries(serviceTexts),
  ...entriesOf(findingTexts)
    .filter(([code]) => findingSeverities[code] === 'breach')
    .map(([code, text]) => withRule(code, { ...text, status: 422 })),
]);

function entriesOf<Code extends string, Text>(
  texts: Readonly<Record<Code, Text>>,
): readonly [Code, Text][] {
  return Object.entries(texts) as [Code, Text][];
}

/**
 * The service serves the text at the path it has in the repository (docs/decisions/http-api.md).
 */
function withRule(code: RuledCode, text: TextWithoutRule): readonly [string, ProblemText] {
  return [code, { ...text, rule: `/${ruleLinks[code]}` }];
}

/** Every code there is, in alphabetical order: for the API's documentation. */
export const problemCodes: readonly ProblemCode[] = ([...catalogue.keys()] as ProblemCode[]).sort(
  (a, b) => (a < b ? -1 : 1),
);

/**
 * Problem details for HTTP APIs (RFC 9457), as `application/problem+json`. They may have further
 * members: those of `/health/ready` say which check failed.
 */
export type ProblemDocument = Shape<typeof ProblemSchema>;
export const ProblemSchema = Type.Object(
  {
    type: Type.String({
      format: 'uri',
      description:
        '`urn:penalty-ledger:problem:` and the code: compared, never fetched; the same for ever',
    }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(
      Type.String({
        format: 'uri',
        description: '`urn:penalty-ledger:request:` and the request’s id',
      }),
    ),
    code: enumOf(problemCodes),
    rule: Type.Unsafe<ProblemRule>(
      Type.String({ format: 'uri-reference', description: 'a link to the section it rests on' }),
    ),
    hint: Type.String(),
    errors: Type.Optional(
      Type.Array(PointedProblemSchema, {
        description: 'every place of the request that is wrong',
      }),
    ),
  },
  { $id: 'Problem', additionalProperties: true },
);

/** Says whether a text, such as the code of an outcome, is one of {@link problemCodes}. */
export function isProblemCode(code: string): code is ProblemCode {
  return catalogue.has(code);
}

/** The status, title, rule and hint of a code. */
export function problemText(code: ProblemCode): ProblemText {
  const text = catalogue.get(code);
  if (text === undefined) throw new TypeError(`"${code}" is not a code of the catalogue`);
  return text;
}

/** Makes the document that answers a refused request. */
export function problemDocument(
  code: ProblemCode,
  language: Language,
  { detail, requestId, errors }: Occurrence = {},
): ProblemDocument {
  const { status, title, rule, hint } = problemText(code);
  return {
    type: `urn:penalty-ledger:problem:${code}`,
    title: title[language],
    status,
    ...(detail !== undefined && { detail: detail[language] }),
    ...(requestId !== undefined && { instance: `urn:penalty-ledger:request:${requestId}` }),
    code,
    rule,
    hint: hint[language],
    ...(errors !== undefined && { errors }),
  };
}
