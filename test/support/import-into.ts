import {
  applyLines,
  importRules,
  openLedger,
  readLines,
  type LineOutcome,
} from '@penalty-ledger/application';
import { instantOf, type Instant } from '@penalty-ledger/ledger';

/** A clock that begins at an instant and moves on by a millisecond each time. */
export function fixedClock(start: string): { now(): Instant } {
  let epochMs = Date.parse(start);
  return { now: () => instantOf((epochMs += 1)) };
}

/** Imports a text of command lines into a real ledger, as the program does. */
export async function importInto(url: string, text: string, start: string): Promise<LineOutcome[]> {
  const clock = fixedClock(start);
  const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  const outcomes: LineOutcome[] = [];
  const chunks = (async function* () {
    yield await Promise.resolve(Buffer.from(text));
  })();
  const { send } = opened;
  for await (const batch of applyLines(readLines(chunks), importRules(clock), { send }))
    outcomes.push(...batch);
  await opened.close();
  return outcomes;
}
