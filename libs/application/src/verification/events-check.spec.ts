import { recordOf, type Instant } from '@penalty-ledger/ledger';
import { assert, asyncProperty } from 'fast-check';
import { alteredStream, type AnyRecord } from '../../../../test/support/any-event.js';
import { rounds } from '../../../../test/support/rounds.js';
import { problemOfStream, type Problem } from '../../../../test/support/stream-problem.js';
import { Findings, type CheckName, type Damage } from './damage.js';
import { EventsCheck } from './events-check.js';
import { RulebookCheck } from './rulebook-check.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** The check that reports a step of the rule. */
const checkOf: Readonly<Record<Problem, CheckName>> = {
  leaf_hash: 'leaf hashes',
  bytes: 'form',
  envelope: 'form',
  stream: 'streams',
  revision: 'streams',
  previous: 'streams',
  recordedAt: 'times',
  id: 'ids',
};

/** The first event of the whole ledger: it says whose events the others are. */
function openingOf(ledgerId: string): StoredRow {
  const { body, leafHash, stream, revision } = recordOf({
    actor: 'import',
    causation: { command: 'OpenLedger', commandId: 'ledger/l1', fingerprint: '0'.repeat(64) },
    data: { ledgerId, mode: 'observer', simulation: false, zone: 'Asia/Shanghai' },
    format: 1,
    id: '00000000-0000-5000-8000-000000000000',
    previous: '0'.repeat(64),
    recordedAt: '1992-01-01T00:00:00.000Z' as Instant,
    revision: 0,
    schemaVersion: 1,
    stream: 'ledger',
    type: 'LedgerOpened',
  });
  return { position: 1, stream, revision, body, leafHash };
}

class ListedRows implements StoredRows {
  readonly lateAppends = [];
  readonly refused = [];
  readonly custody = undefined;
  readonly guards = undefined;
  readonly reading = 'file';
  readonly total = undefined;
  readonly streams = [];

  constructor(readonly rows: readonly StoredRow[]) {}

  inOrder(): Iterable<readonly StoredRow[]> {
    return [this.rows];
  }

  ofStream(): Iterable<readonly StoredRow[]> {
    return [];
  }

  foreignRows(): readonly never[] {
    return [];
  }

  async *hiddenStreams(): AsyncGenerator<never> {
    // None.
  }

  close(): void {
    // Nothing is open.
  }
}

/** Returns the damages found in a stream's records that follow the ledger's first event. */
async function damagesIn(
  ledgerId: string,
  stream: string,
  records: readonly AnyRecord[],
): Promise<readonly Damage[]> {
  const findings = new Findings();
  const listener = {
    sizes: [],
    at: () => undefined,
    tile: () => undefined,
    leaf: () => undefined,
  };
  const check = new EventsCheck(findings, listener, new RulebookCheck(findings));
  const rows = records.map(({ body, leafHash }, at) => ({
    position: at + 2,
    stream,
    revision: at,
    body,
    leafHash,
  }));
  await check.run(new ListedRows([openingOf(ledgerId), ...rows]), () => undefined);
  return findings.results().flatMap(({ damages }) => damages);
}

it('finds first what the rule finds first, and nothing in a chain', async () => {
  await assert(
    asyncProperty(alteredStream, async ({ ledgerId, stream, records }) => {
      const broken = problemOfStream(ledgerId, stream, records);
      const damages = (await damagesIn(ledgerId, stream, records)).filter(
        (damage) => damage.check !== 'rulebooks' && damage.stream === stream,
      );
      if (broken === undefined) {
        expect(damages).toEqual([]);
        return;
      }
      expect(Math.min(...damages.map(({ revision = -1 }) => revision))).toBe(broken.at);
      const named = damages.filter(({ revision }) => revision === broken.at);
      expect(named.map(({ check }) => check)).toContain(checkOf[broken.problem]);
    }),
    { numRuns: 150 * rounds },
  );
});
