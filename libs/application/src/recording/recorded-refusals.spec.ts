import { MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import { instantOf, readCommandLine, type CommandLine } from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';
import { KeyStore } from '../keys/key-store.js';
import { LedgerWriter } from './ledger-writer.js';
import { maxRefusals, RecordedRefusals } from './recorded-refusals.js';

const now = instantOf(Date.UTC(2026, 0, 10));
const nextMonth = instantOf(Date.UTC(2026, 1, 10));

const store = new MemoryEventStore(new MemoryLog());
const keys = KeyStore.open(':memory:');

async function open(): Promise<LedgerWriter> {
  const readModels = ReadModels.open(':memory:');
  const settings = {
    ledgerId: 'refusing',
    mode: 'observer',
    simulation: false,
    zone: 'Asia/Shanghai',
  } as const;
  const opening = { settings, at: now, actor: 'test' };
  const parts = { store, keys, readModels, zoneDataVersion: 'test' };
  return (await LedgerWriter.open(parts, opening))!;
}

/** A deduction of an agency that was never admitted, which is refused. */
function refused(number: number, by: string, text = 'x'): CommandLine {
  const read = readCommandLine({
    command: 'RecordDeduction',
    by,
    data: {
      deductionId: `d${number}`,
      agencyId: 'nobody',
      points: 1,
      clause: 'improper-operation',
      occurredAt: '2026-01-01T00:00:00Z',
      notice: { text },
    },
  });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  return read.line;
}

async function recorded(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const batch of store.readAll())
    for (const { stream, body } of batch)
      if (stream.startsWith('refusals-'))
        found.push((JSON.parse(body) as { readonly actor: string }).actor);
  return found;
}

it('records so many refusals of an actor in a month, also after a restart', async () => {
  const ledger = await open();
  for (let n = 0; n < maxRefusals.ofOneActor + 5; n += 1) {
    const { code } = await ledger.handle(refused(n, 'noisy'), now);
    expect(code).toBe('unknown_agency');
  }
  await ledger.handle(refused(0, 'other'), now);
  await ledger.settle();
  const first = [...Array<string>(maxRefusals.ofOneActor).fill('noisy'), 'other'];
  expect(await recorded()).toEqual(first);

  const again = await open();
  await again.handle(refused(maxRefusals.ofOneActor + 6, 'noisy'), now);
  await again.handle(refused(0, 'other', 'another text'), now);
  await again.handle(refused(1, 'other'), now);
  await again.handle(refused(0, 'noisy'), nextMonth);
  await again.settle();
  expect(await recorded()).toEqual([...first, 'other', 'noisy']);
});

it('records so many refusals of all actors in a month', () => {
  const refusals = new RecordedRefusals();
  for (let n = 0; n < maxRefusals.ofAll; n += 1) {
    const fingerprint = String(n);
    const actor = `a${n % 100}`;
    expect(refusals.takes(actor, fingerprint)).toBe(true);
    refusals.note({ actor, causation: { command: 'x', commandId: 'x', fingerprint } });
  }
  expect(refusals.takes('new', 'new')).toBe(false);
});
