/** The beginning of a simulation's ledger id (rules §12). */
export const simulationIdPrefix = 'simulation-';

/**
 * The name of a ledger's signing key: what stands before the signature in everything it signs. That
 * of a simulation says so.
 */
export function signingKeyName(ledgerId: string): string {
  const kind = ledgerId.startsWith(simulationIdPrefix) ? simulationIdPrefix : '';
  return `penalty-ledger-${kind}${ledgerId.slice(kind.length, kind.length + 8)}`;
}
