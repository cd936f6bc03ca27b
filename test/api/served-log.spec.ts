import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger, systemClock } from '@penalty-ledger/application';
import { ServedLog } from '../../apps/api/src/served/served-log.js';

it('is open while somebody works with it, and is not when it cannot be opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'served-log-'));
  const url = `sqlite:${join(folder, 'ledger.db')}`;
  const log = new ServedLog(url, systemClock);
  try {
    expect(await log.isOpen()).toBe(false);
    const opened = await openLedger({ url, simulation: false, openedAt: systemClock.now() });
    await opened.close();
    expect(await log.isOpen()).toBe(true);
    const end = new EventEmitter();
    const work = log.use(() => {
      end.emit('begun');
      return once(end, 'end');
    });
    await once(end, 'begun');
    expect(await log.isOpen()).toBe(true);
    end.emit('end');
    await work;
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
  expect(await log.isOpen()).toBe(false);
});

it('opens the Merkle log at the next request when the store was unreachable before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'served-log-'));
  const url = `sqlite:${join(folder, 'ledger.db')}`;
  const log = new ServedLog(url, systemClock);
  try {
    await expect(log.sign()).rejects.toMatchObject({ code: 'store_unavailable' });
    const opened = await openLedger({ url, simulation: false, openedAt: systemClock.now() });
    await opened.close();
    expect(await log.sign()).toMatch(/^penalty-ledger-/);
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
});
