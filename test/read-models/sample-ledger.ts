import {
  applyLines,
  importRules,
  openLedger,
  readLines,
  type LineOutcome,
  type OpenedLedger,
} from '@penalty-ledger/application';
import { instantOf, type Instant } from '@penalty-ledger/ledger';

const agencies = Array.from({ length: 8 }, (_, index) => `a${String(index)}`);
const at = (day: number, hour = 10): string =>
  new Date(Date.UTC(2019, 3, 1 + day, hour)).toISOString();

/** A few hundred commands: agencies, creators, sessions, deductions, appeals, complaints. */
export function sampleLines(): readonly object[] {
  const admitted = agencies.map((agencyId) => ({
    command: 'AdmitAgency',
    data: { agencyId, name: `Agency ${agencyId}`, effectiveAt: '2018-01-02T00:00:00+08:00' },
  }));
  const bound = agencies.map((agencyId) => ({
    command: 'BindCreator',
    data: { agencyId, creatorId: `c-${agencyId}`, effectiveAt: '2018-06-01T00:00:00+08:00' },
  }));
  const recorded = Array.from({ length: 160 }, (_, index) => ({
    command: 'RecordSession',
    data: {
      sessionId: `s${String(index)}`,
      creatorId: `c-${agencies[index % agencies.length]!}`,
      startedAt: at(Math.floor(index / 8), 6),
      endedAt: at(Math.floor(index / 8), 7),
      contentVertical: 'beauty',
      sales: [{ vertical: 'beauty', amountFen: 100 * index }],
      newFollowers: index,
      views: 10 * index,
    },
  }));
  const deducted = Array.from({ length: 64 }, (_, index) => ({
    command: 'RecordDeduction',
    data: {
      deductionId: `d${String(index)}`,
      agencyId: agencies[index % agencies.length]!,
      points: 1 + (index % 3),
      clause: 'improper-operation',
      occurredAt: at(Math.floor(index / 8), 8),
      notice: { text: `notice ${String(index)}` },
    },
  }));
  const appealed = agencies.map((agencyId, index) => ({
    command: 'InitiateAppeal',
    data: {
      appealId: `p${String(index)}`,
      agencyId,
      deductionIds: [`d${String(index)}`],
      grounds: 'we disagree',
    },
  }));
  return [...admitted, ...bound, ...recorded, ...deducted, ...appealed];
}

/** A clock that stands still, so that answers say the same. */
export function sampleClock(): { readonly now: () => Instant } {
  return { now: () => instantOf(Date.UTC(2019, 4, 1)) };
}

/** Sends lines to an open ledger, as `ledger import` does. */
export async function sendLines(
  { send }: OpenedLedger,
  lines: readonly object[],
  clock = sampleClock(),
): Promise<readonly LineOutcome[]> {
  const chunks = (async function* () {
    yield await Promise.resolve(Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')));
  })();
  const outcomes: LineOutcome[] = [];
  for await (const batch of applyLines(readLines(chunks), importRules(clock), { send }))
    outcomes.push(...batch);
  return outcomes;
}

/** Opens a ledger, imports lines, and closes it. */
export async function importLines(
  url: string,
  lines: readonly object[],
): Promise<readonly LineOutcome[]> {
  const clock = sampleClock();
  const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  try {
    return await sendLines(opened, lines, clock);
  } finally {
    await opened.close();
  }
}
