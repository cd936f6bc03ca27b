import type { Instant } from './instant.js';

/**
 * The instants a command's data may hold. They are converted to UTC before any other code reads
 * them.
 */
export const instantFields = [
  'effectiveAt',
  'occurredAt',
  'decidedAt',
  'notifiedAt',
  'appealDeadline',
  'observedAt',
  'capturedAt',
  'startedAt',
  'endedAt',
  'initiatedAt',
  'submittedAt',
  'withdrawnAt',
  'until',
] as const;

type InstantField = (typeof instantFields)[number];

/** A command's data with its instants read. */
export type Read<Data> = {
  [Key in keyof Data]: Key extends InstantField ? ReadInstant<Data[Key]> : Data[Key];
};
type ReadInstant<Value> = Value extends string ? Instant : Value;
