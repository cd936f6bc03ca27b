import { hash } from 'node:crypto';
import { join } from 'node:path';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger, type VerifyStep } from '@penalty-ledger/application/verification';
import { DatabaseSync } from '@photostructure/sqlite';
import { timed, type Case, type Measured } from './harness.js';

/** Verifies a ledger of deductions from its bytes: the first pass only, or everything. */
export function verification(folder: string, events: number, extent: 'bytes' | 'everything'): Case {
  const url = `sqlite:${join(folder, 'ledger.db')}`;
  const isComplete = extent === 'everything';
  return {
    name:
      `verify ${events.toLocaleString('en')} deductions: ` +
      (isComplete ? 'everything' : 'bytes, chains, ids and tree'),
    explanation: isComplete
      ? 'ours: also every decision made again and every read model folded again; raw: as above'
      : 'ours: form, leaf hash, chain, id, time and leaf of every event; raw: every row read ' +
        'and hashed',
    ...(!isComplete && { target: 0.5 }),
    async ours() {
      const log = await openLog(url);
      await log.checkpoint();
      await log.close();
      const from = process.hrtime.bigint();
      const ended: Partial<Record<VerifyStep, bigint>> = {};
      const { holds, events: verified } = await verifyLedger({
        url,
        onProgress: (step) => (ended[step] = process.hrtime.bigint()),
      });
      if (!holds || verified < events) throw new Error('the ledger does not hold');
      const until = isComplete ? process.hrtime.bigint() : (ended.events ?? from);
      return { rate: (verified * 1e9) / Number(until - from) };
    },
    raw: () => rawReadAndHash(join(folder, 'ledger.db')),
  };
}

async function rawReadAndHash(path: string): Promise<Measured> {
  const database = new DatabaseSync(path, { readOnly: true });
  const select = database.prepare(
    'SELECT position, leaf_hash, body FROM events WHERE position > ? ORDER BY position LIMIT 5000',
  );
  const { count } = database.prepare('SELECT count(*) AS count FROM events').get() as {
    count: number;
  };
  try {
    return await timed(count, () => {
      let position = 0;
      for (let rows = select.all(0); rows.length > 0; rows = select.all(position)) {
        for (const row of rows) {
          const {
            position: at,
            leaf_hash: leafHash,
            body,
          } = row as { position: number; leaf_hash: string; body: string };
          if (hash('sha256', `\0${body}`, 'hex') !== leafHash)
            throw new Error(`event ${String(at)} is damaged`);
          position = at;
        }
      }
    });
  } finally {
    database.close();
  }
}
