import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { openStore } from '@penalty-ledger/application/open-store';
import { secondLocationOf, type LedgerLocation } from '@penalty-ledger/application/store-url';
import {
  applyLines,
  openLedger,
  readLines,
  simulationRules,
  type OpenedLedger,
} from '@penalty-ledger/application';
import type { EventStore } from '@penalty-ledger/event-store';
import { parseInstant, readEvent, type Instant } from '@penalty-ledger/ledger';
import { queryRunnerOf } from '../ledger/query-runner.js';
import { UsageError } from '../terminal/exit-codes.js';
import { reasonOf } from '../terminal/reason.js';
import { printPage } from '../terminal/io.js';
import { startProgress } from '../terminal/progress.js';
import { rebuildWithProgress } from '../replay/rebuild.js';
import { Tally } from '../intake/tally.js';
import { instantText, openingMoment } from './calendar.js';
import { chapters, farewell, imported, replayed, welcome, type Imported } from './tour.js';
import { demoCommandId, demoLines } from './year.js';
import { said, saidIn } from '../terminal/language.js';

/** Records the demo's year in a new simulation ledger, and walks through the queries. */
export async function runDemo(url: string, linesFile: string | undefined): Promise<void> {
  const location = secondLocationOf(url);
  await makeRoom(location);
  const lines = demoLines();
  if (linesFile !== undefined) writeLines(linesFile, lines);
  await printPage(welcome());
  const opened = await openLedger({
    url,
    simulation: true,
    openedAt: openingInstant(),
    elsewhere: {},
  });
  let year: Imported;
  try {
    year = await importYear(opened, lines);
    await printPage(imported(year));
    for (const chapter of chapters) await printPage(await chapter(queryRunnerOf(opened)));
  } finally {
    await opened.close();
  }
  await printPage(replayed((await rebuildWithProgress(url, false)).rebuild, year));
  await printPage(farewell(location.url));
}

function openingInstant(): Instant {
  const instant = parseInstant(instantText(openingMoment));
  if (instant === undefined) throw new TypeError(`"${openingMoment}" is not an instant`);
  return instant;
}

async function importYear(opened: OpenedLedger, lines: readonly string[]): Promise<Imported> {
  const startedMs = performance.now();
  const tally = new Tally();
  const refusals: string[] = [];
  const rules = simulationRules(opened.ledger.clock);
  const progress = startProgress({
    label: said('   importing', '   导入'),
    unit: said('lines', '行'),
    total: lines.length,
  });
  try {
    const { send } = opened;
    for await (const batch of applyLines(readLines(chunksOf(lines)), rules, { send })) {
      for (const { text, outcome } of batch) {
        tally.add(outcome);
        progress.update(text.line);
        const { status, code, message } = outcome;
        if (status === 'rejected')
          refusals.push(`${code ?? ''}: ${message === undefined ? '' : saidIn(message)}`);
      }
    }
    await opened.ledger.rememberClock(rules.clock);
  } finally {
    progress.stop();
  }
  return { tally, refusals, seconds: (performance.now() - startedMs) / 1000 };
}

/** The lines as a file would give them, so that they take the same way. */
async function* chunksOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < lines.length; from += 100) {
    yield Buffer.from(`${lines.slice(from, from + 100).join('\n')}\n`);
  }
}

function writeLines(file: string, lines: readonly string[]): void {
  try {
    writeFileSync(file, `${lines.join('\n')}\n`);
  } catch (error) {
    throw new UsageError(
      said(
        `--lines: cannot write "${file}": ${reasonOf(error, 'folder')}`,
        `--lines：无法写入 "${file}"：${reasonOf(error, 'folder')}`,
      ),
      said('check the path', '请检查路径'),
      {
        cause: error,
      },
    );
  }
}

/**
 * Removes the ledger of an earlier demo, and no other.
 *
 * @throws UsageError when another ledger is there, or any in an engine, which removes nothing
 * @throws StoreLockedError when another process writes to it
 */
async function makeRoom(location: LedgerLocation): Promise<void> {
  const { url, keys, readModels, log } = location;
  if (location.engine !== 'sqlite') return assertNoLedger(location);
  const { events } = location;
  if (existsSync(events)) {
    const store = await openStore(location, { access: 'write' });
    try {
      if (!(await isDemo(store))) {
        throw new UsageError(
          said(
            `${url} holds a ledger that the demo did not make; it is left unchanged`,
            `${url} 中的账本不是演示生成的；未作更改`,
          ),
          said('give another --store', '请给出另一个 --store'),
        );
      }
    } finally {
      await store.close();
    }
  }
  for (const file of [events, keys, readModels, log]) {
    for (const suffix of ['', '-wal', '-shm', '-lock', '-lock-holder'])
      rmSync(file + suffix, { force: true });
  }
}

/** @throws UsageError when a ledger is there */
async function assertNoLedger(location: LedgerLocation): Promise<void> {
  const store = await openStore(location, { access: 'read' });
  try {
    if ((await store.head()) === undefined) return;
    throw new UsageError(
      said(
        `${location.url} holds a ledger, and nothing is ever removed from this engine`,
        `${location.url} 中已有账本，而该引擎从不删除任何内容`,
      ),
      said(
        'give another --store, or another ledger of this one: ?ledger=NAME',
        '请给出另一个 --store，或同一引擎的另一账本：?ledger=NAME',
      ),
    );
  } finally {
    await store.close();
  }
}

async function isDemo(store: EventStore): Promise<boolean> {
  for await (const batch of store.readAll({ batchSize: 20 })) {
    const commands = batch.map((record) => readEvent(record).causation);
    // A demo that was stopped before its first command holds nothing to lose.
    return (
      commands.some(({ commandId }) => commandId === demoCommandId) ||
      !commands.some(({ command }) => command === 'AdmitAgency')
    );
  }
  return true;
}
