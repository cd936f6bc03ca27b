import { Type, type Shape } from '../schema.js';

/**
 * A sum as an answer or an event gives it. Every amount in an event is a safe integer; a sum of them need not be, and then it is written in
 * decimal as text, so that no figure is ever rounded.
 */
export type Sum = Shape<typeof SumSchema>;
export const SumSchema = Type.Union(
  [Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+$' })],
  { description: 'an integer; in decimal as text where it is beyond 2^53 − 1' },
);

export function sumOf(exact: bigint): Sum {
  return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact.toString();
}
