import assert from 'node:assert/strict';
import { openLedger, openReader } from '@penalty-ledger/application';
import { readAccessLog, verifyAccessLog } from '@penalty-ledger/application/access-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { SimulatedDisk, type DiskImage, type Operation } from './simulated-disk.js';
import { useDisk } from './current-disk.js';
import {
  accessOf,
  erasedSubject,
  importLines,
  lines,
  movingClock,
  noticeOf,
  openService,
  paths,
  url,
} from './ledger-life.js';
import { dropConnections } from './simulated-sqlite.js';

/** The facts that were acknowledged by then, by their kind. */
function factsIn(journal: readonly Operation[]): (kind: string) => readonly string[] {
  const facts = journal.flatMap((operation) =>
    operation.kind === 'acknowledged' ? operation.fact : [],
  );
  return (kind) =>
    facts.filter((fact) => fact.startsWith(`${kind} `)).map((fact) => fact.slice(kind.length + 1));
}

/** Every event of a store, by stream and in order: what it says happened. */
export async function historyOf(): Promise<readonly string[]> {
  const store = openSqliteEventStore(paths.events, { access: 'read' });
  const found: string[] = [];
  for await (const batch of store.readAll())
    for (const { stream, revision, body } of batch) {
      // A refusal is recorded each time it is given.
      if (stream.startsWith('refusals-')) continue;
      const { type } = JSON.parse(body) as { type: string };
      found.push(`${stream}@${String(revision)} ${type}`);
    }
  await store.close();
  return found.sort();
}

/**
 * Opens the ledger and the service's files on a disk as it was left, with the real code, and checks
 * that everything acknowledged holds; sends everything again, and checks that nothing doubled and
 * nothing is missing.
 *
 * @param journal everything that happened before
 * @param complete the history of a life that nothing disturbed
 */
export async function checkLedger(
  image: DiskImage,
  journal: readonly Operation[],
  complete: readonly string[],
): Promise<void> {
  const acknowledged = factsIn(journal);
  const disk = new SimulatedDisk(image);
  useDisk(disk);
  try {
    await checkService(acknowledged);
    await checkEvents(acknowledged, complete);
  } finally {
    dropConnections();
  }
  for (const key of acknowledged('erased').length > 0 ? acknowledged('key') : []) {
    const bytes = Buffer.from(key, 'hex');
    for (const [file, content] of disk.image().files)
      assert(!content.includes(bytes), `file ${String(file)} holds a key that was destroyed`);
  }
}

async function checkService(acknowledged: (kind: string) => readonly string[]): Promise<void> {
  const clock = movingClock('2020-02-01T00:00:00Z');
  const service = await openService(clock);
  for (const token of acknowledged('issued')) {
    const { principal, problem } = service.apiKeys.verify(token, clock.now());
    if (acknowledged('ended').includes(token))
      assert.equal(principal, undefined, `ended: ${token}`);
    else if (!acknowledged('ending').includes(token))
      assert.equal(problem, undefined, `open: ${token}`);
  }
  for (const id of acknowledged('webhook')) service.webhooks.get(id);
  await service.accessLog.record(accessOf('after'));
  const { entries } = await readAccessLog(paths.accessLog, service.anchors, {
    after: -1,
    limit: 1_000,
  });
  await service.close();
  const logged = entries.map(({ requestId }) => requestId);
  for (const requestId of [...acknowledged('logged'), 'after'])
    assert.equal(logged.filter((found) => found === requestId).length, 1, `entry ${requestId}`);
  const again = await openService(clock);
  const verdict = await verifyAccessLog(paths.accessLog, again.anchors.all());
  assert.equal(verdict.damage, undefined);
  await again.close();
}

async function checkEvents(
  acknowledged: (kind: string) => readonly string[],
  complete: readonly string[],
): Promise<void> {
  const clock = movingClock('2020-02-01T00:00:00Z');
  const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  const files = acknowledged('checkpoint').map((note, index) => ({
    kind: 'checkpoint' as const,
    name: `checkpoint ${String(index)}`,
    bytes: Buffer.from(note),
  }));
  if (acknowledged('erased').length > 0)
    assert.equal(opened.ledger.parts.keys.stateOf(erasedSubject), 'destroyed');
  const accepted = new Set(acknowledged('accepted'));
  await importLines(opened, clock, lines, (line, status) => {
    if (accepted.has(String(line)))
      assert.equal(status, 'duplicate', `line ${String(line)}, acknowledged before`);
  });
  await importLines(opened, clock, lines, (line, status) => {
    assert.equal(status, 'duplicate', `line ${String(line)}, sent again`);
  });
  const { status, code } = await opened.ledger.erase({ subject: erasedSubject }, 'o1', clock.now());
  if (status !== 'accepted') assert.equal(code, 'already_erased');
  await opened.close();
  assert.deepEqual(await historyOf(), complete);
  await checkTexts();
  const { checks, holds } = await verifyLedger({ url, files });
  const damages = checks.flatMap((check) => check.damages);
  assert(holds, `verify: ${JSON.stringify(damages)}`);
}

/** Every text can be read, so its key is there. */
async function checkTexts(): Promise<void> {
  const { reader, close } = await openReader(url);
  for (const agencyId of ['a1', 'a2', 'a3']) {
    const text = JSON.stringify(await reader.answer({ query: 'explain', agencyId }));
    for (const number of ['1', '2', '3'])
      assert(text.includes(noticeOf(`d-${agencyId}-${number}`)), `texts of ${agencyId}`);
  }
  await close();
}
