import { checkOf, isSentenceSchema, joined, type Check, type InBoth } from '@penalty-ledger/ledger';
import { Type, TypeGuard, type TSchema } from '@sinclair/typebox';

/** An answer that is not as its schema says: a mistake of ours, and nothing of it is sent. */
export class UndescribedAnswerError extends Error {
  readonly code = 'undescribed_answer';

  constructor(problems: readonly InBoth[]) {
    super(`the answer is not as its schema says: ${joined(problems).en}`);
    this.name = 'UndescribedAnswerError';
  }
}

/** By schema: routes with the same answer share a check, which is made when the first is sent. */
const checks = new WeakMap<TSchema, Check>();

/**
 * Makes the serialiser of answers from their schema: it sees that an answer has the members of its
 * schema, each of its type, and no others, and writes it as `JSON.stringify` does. So nothing is
 * sent that the schema does not say, and nothing is left out of what is sent.
 *
 * @returns a function that throws {@link UndescribedAnswerError}
 */
export function serialiserOf(schema: TSchema): (answer: unknown) => string {
  return (answer) => {
    const problems = checkFor(schema)(answer);
    if (problems.length > 0) throw new UndescribedAnswerError(problems);
    return JSON.stringify(answer);
  };
}

function checkFor(schema: TSchema): Check {
  const known = checks.get(schema);
  if (known !== undefined) return known;
  const check = checkOf(structureOf(schema), 'answer');
  checks.set(schema, check);
  return check;
}

/**
 * The schema without what it says of a text or number beyond its type: reading every instant of an
 * answer again would take longer than writing it. Tests hold answers to the whole schema.
 */
function structureOf(schema: TSchema): TSchema {
  const structure = requiredStructureOf(schema);
  return TypeGuard.IsOptional(schema) ? Type.Optional(structure) : structure;
}

function requiredStructureOf(schema: TSchema): TSchema {
  if (TypeGuard.IsObject(schema)) {
    const members = Object.entries(schema.properties).map(
      ([name, member]) => [name, structureOf(member)] as const,
    );
    const { additionalProperties = true } = schema;
    return Type.Object(Object.fromEntries(members), { additionalProperties });
  }
  // With members of any name: an event's data, by its type.
  if (schema['type'] === 'object') return Type.Object({});
  if (isSentenceSchema(schema)) return schema;
  if (TypeGuard.IsArray(schema)) return Type.Array(structureOf(schema.items));
  if (TypeGuard.IsUnion(schema)) return Type.Union(schema.anyOf.map(structureOf));
  if (TypeGuard.IsInteger(schema)) return Type.Integer();
  return schema['type'] === 'string' && !TypeGuard.IsLiteral(schema) ? Type.String() : schema;
}
