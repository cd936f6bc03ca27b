import { parseInstant, type Instant } from './instant.js';

/** The command that records what falls due by itself. */
export const clockCommand = 'ClockPassed';

/** A deduction that took effect later than it was recorded, and the instant at which it did. */
export interface Passed {
  readonly deductionId: string;
  readonly effectiveAt: Instant;
}

/** Returns the id of its {@link clockCommand}: `clock/d3@2019-06-09T16:00:00.000Z`. */
export function clockCommandId({ deductionId, effectiveAt }: Passed): string {
  return `clock/${deductionId}@${effectiveAt}`;
}

/** Reads the id of a {@link clockCommand}; returns `undefined` for any other text. */
export function passedIn(commandId: string): Passed | undefined {
  const [, deductionId, instant = ''] = /^clock\/([^@]*)@(.*)$/.exec(commandId) ?? [];
  const effectiveAt = parseInstant(instant);
  return deductionId === undefined || effectiveAt === undefined
    ? undefined
    : { deductionId, effectiveAt };
}
