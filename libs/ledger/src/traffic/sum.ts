/**
 * A sum as an answer or an event gives it. Every amount in an event is a safe integer; a sum of them need not be, and then it is written in
 * decimal as text, so that no figure is ever rounded.
 */
export type Sum = number | string;

export function sumOf(exact: bigint): Sum {
  return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact.toString();
}
