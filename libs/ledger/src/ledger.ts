import type { Mode } from './decision.js';

/** What is fixed for a ledger's life. */
export interface LedgerSettings {
  readonly ledgerId: string;
  readonly mode: Mode;
  /** A simulation says so in its first event, and so in everything exported from it. */
  readonly simulation: boolean;
  /** IANA id of the ledger's time zone. */
  readonly zone: string;
}

export interface LedgerOpened {
  readonly type: 'LedgerOpened';
  readonly data: LedgerSettings;
}

/** A simulation's clock stood here, though nothing was recorded then. */
export interface SimulationClockAdvanced {
  readonly type: 'SimulationClockAdvanced';
  readonly data: Readonly<Record<string, never>>;
}

/**
 * A refused command, for an audit of refusals: what was tried, by whom, and the code it was refused
 * with. Never its data (rulebook §2), and no message, which may quote them.
 */
export interface CommandRefused {
  readonly type: 'CommandRefused';
  readonly data: { readonly code: string; readonly command: string };
}
