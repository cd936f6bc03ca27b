import { Type, type Shape } from '../schema.js';

/**
 * A sum as written in an answer or an event. Every amount in an event is a safe integer, but a sum
 * of them may be larger. Then it is written as decimal text, so that it is never rounded.
 */
export type Sum = Shape<typeof SumSchema>;
export const SumSchema = Type.Union(
  [Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+$' })],
  { description: 'an integer; in decimal as text where it is beyond 2^53 − 1' },
);

export function sumOf(exact: bigint): Sum {
  return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact.toString();
}
