/** The checks; an alarm has the code that the engine's tripwire gave it. */
export type Check =
  | `alarm ${string}`
  | 'alarms'
  | 'calendar'
  | 'checkpoints'
  | 'custody'
  | 'disk'
  | 'engine'
  | 'erased'
  | 'events'
  | 'guards'
  | 'keys'
  | 'ledger'
  | 'merkle log'
  | 'node'
  | 'read models'
  | 'rebuild'
  | 'row MACs'
  | 'signing key'
  | 'store';

/** The result of one check. */
export interface Diagnosis {
  /** `fail`: damaged or unusable. `warn`: works, and should be looked after. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly check: Check;
  readonly found: string;
  readonly hint?: string;
}

type Checks = { readonly [Each in Check]?: true };

/** The checks of what vouches for the events. */
const vouchingChecks: Checks = {
  checkpoints: true,
  guards: true,
  'merkle log': true,
  'row MACs': true,
  'signing key': true,
};

/** The check of the events against those that were there before. */
const historyChecks: Checks = { 'merkle log': true };

/** The check that fails with it: read models are folded from the events of before. */
const foldedChecks: Checks = { 'read models': true };

/**
 * Says whether all that failed is an answer, as that of `verify` is: what vouches for the events,
 * and the store itself can be used. Read models that fail beside the Merkle log have the same
 * cause.
 */
export function isVouchingAlone(diagnoses: readonly Diagnosis[]): boolean {
  const failed = diagnoses.filter(({ status }) => status === 'fail').map(({ check }) => check);
  const isHistory = failed.some((check) => historyChecks[check] === true);
  return failed.every(
    (check) => vouchingChecks[check] === true || (isHistory && foldedChecks[check] === true),
  );
}

const severity = { ok: 0, warn: 1, fail: 2 } as const;

/** Keeps the worst results of each check: what fails is not also called fine. */
export function worstOfEach(diagnoses: readonly Diagnosis[]): readonly Diagnosis[] {
  const worst = new Map<string, number>();
  for (const { check, status } of diagnoses)
    worst.set(check, Math.max(worst.get(check) ?? 0, severity[status]));
  return diagnoses.filter(({ check, status }) => severity[status] === worst.get(check));
}
