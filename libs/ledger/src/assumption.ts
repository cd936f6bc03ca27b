import { Kind, TypeRegistry } from '@sinclair/typebox';
import { Sentence } from './in-both.js';
import { Type } from './schema.js';

/**
 * Something that an answer rests on and no source says: a parameter with its value, which is a code
 * and the same in every language, or a sentence.
 */
export type Assumption = `${string}=${string}` | Sentence;

const assumptionKind = 'Assumption';
TypeRegistry.Set(
  assumptionKind,
  (_, value) => value instanceof Sentence || (typeof value === 'string' && value.includes('=')),
);

export const AssumptionSchema = Type.Unsafe<Assumption>({
  [Kind]: assumptionKind,
  type: 'string',
});
