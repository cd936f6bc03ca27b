import type { Mode } from './decision.js';

/** The settings that are fixed for a ledger's life. */
export interface LedgerSettings {
  readonly ledgerId: string;
  readonly mode: Mode;
  /** A simulation says so in its first event, and so in everything exported from it. */
  readonly simulation: boolean;
  /** IANA id of the ledger's time zone. */
  readonly zone: string;
}

/** The beginning of a simulation's ledger id (rules §12). */
export const simulationIdPrefix = 'simulation-';

const keyNamePrefix = 'penalty-ledger-';

/**
 * The name of a ledger's signing key: the origin of its checkpoints, and what stands before the
 * signature in everything it signs. That of a simulation says so.
 */
export function signingKeyName(ledgerId: string): string {
  const kind = ledgerId.startsWith(simulationIdPrefix) ? simulationIdPrefix : '';
  return `${keyNamePrefix}${kind}${ledgerId.slice(kind.length, kind.length + 8)}`;
}

/** Says whether the name of a signing key is that of a simulation. */
export function isSimulationKey(name: string): boolean {
  return name.startsWith(keyNamePrefix + simulationIdPrefix);
}

/** The reason why the writer before is known to acknowledge nothing any more. */
export type FormerWriter =
  /** It was told, and confirmed. */
  | 'fenced'
  /** It acknowledges only while it is followed, and it was not for long enough. */
  | 'lease_ended'
  /** A person declared that it is stopped. */
  | 'declared_stopped';

/** The data of each event of the ledger's own stream, by type, at schema version 1. */
export interface LedgerEventData {
  LedgerOpened: LedgerSettings;
  /** A simulation's clock stood here, though nothing was recorded then. */
  SimulationClockAdvanced: Readonly<Record<string, never>>;
  /**
   * A copy on another machine became the ledger, and its terms are counted: the events behind this
   * one are those of the new writer.
   */
  WriterPromoted: { readonly formerWriter: FormerWriter; readonly term: number };
  /** The ledger signs with another key from here on. Both are verifier keys. */
  SigningKeyRotated: { readonly previous: string; readonly verifierKey: string };
  /** A person goes on with a ledger that has lost something that vouched for its events. */
  DamageAccepted: AcceptedDamage;
}

/** A loss that nothing can make good, as a person accepted it. */
export interface AcceptedDamage {
  /**
   * `checkpoints_lost`: the log lacks `count` checkpoints that were signed, the largest for `upTo`
   * events. `rows_unknown`: the key of the rows' MACs is lost; the file had `count` events, and the
   * latest checkpoint is for `upTo` of them.
   */
  readonly kind: 'checkpoints_lost' | 'rows_unknown';
  readonly count: number;
  readonly upTo: number;
}

/** Every type of the ledger's own stream and the schema version it is written in. */
export const ledgerEventVersions: Readonly<Record<keyof LedgerEventData, number>> = {
  LedgerOpened: 1,
  SimulationClockAdvanced: 1,
  WriterPromoted: 1,
  SigningKeyRotated: 1,
  DamageAccepted: 1,
};

/** The data of a stream of refusals, at schema version 1 (`docs/spec/event.md`). */
export interface RefusalEventData {
  /**
   * A refused command, for an audit of refusals: its name, its actor and the code it was refused
   * with. It holds neither the command's data (rules §2) nor a message, which may quote them.
   */
  CommandRefused: { readonly code: string; readonly command: string };
}

/** Every type of a stream of refusals and the schema version it is written in. */
export const refusalEventVersions: Readonly<Record<keyof RefusalEventData, number>> = {
  CommandRefused: 1,
};
