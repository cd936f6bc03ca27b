import type { KeptEvent } from './history.js';

/** An event as an engine keeps it, of any stream. */
export interface EngineEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** A ledger's part of an engine's log. */
export interface LedgerLog {
  readonly events: readonly KeptEvent[];
  /** The number of events that are kept and not in the ledger: their sender's term was over. */
  readonly late: number;
  /** The published checkpoints, in their order. */
  readonly published: readonly string[];
}

/**
 * Reads a ledger from the log of an engine, in its order: the events of the term that the last
 * writer before them had begun (eventstoredb.md, Terms).
 */
export function ledgerLogOf(log: readonly EngineEvent[], ledger: string): LedgerLog {
  const events: KeptEvent[] = [];
  const published: string[] = [];
  const lateIn = new Map<string, number>();
  const prefix = `${ledger}/`;
  let term = 0;
  let late = 0;
  for (const { stream, revision, data, metadata } of log) {
    if (stream === `${ledger}:terms`) term = parsed(data)['term'] as number;
    if (stream === `${ledger}:checkpoints`) published.push(parsed(data)['note'] as string);
    if (!stream.startsWith(prefix)) continue;
    const passed = lateIn.get(stream) ?? 0;
    const of = parsed(metadata)['term'] ?? 0;
    if (of === term)
      events.push({
        stream: stream.slice(prefix.length),
        revision: Number(revision) - passed,
        body: Buffer.from(data).toString(),
      });
    else {
      late += 1;
      lateIn.set(stream, passed + 1);
    }
  }
  return { events, late, published };
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
}
