import { join } from 'node:path';
import { openLedger, openReader, readQuery, type OpenedLedger } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { AccessLog, Anchors, type Access } from '@penalty-ledger/application/access-log';
import { ApiKeys } from '@penalty-ledger/application/api-keys';
import { Webhooks } from '@penalty-ledger/application/webhooks';
import { secretsInMemory } from './webhook-secrets.js';
import { sampleClock, sampleLines, sendLines } from '../read-models/sample-ledger.js';

const clock = sampleClock();

/** Commands of eight agencies with names, notices and grounds. */
export const someLines = [...sampleLines().slice(0, 60), ...sampleLines().slice(-72)];

export const urlIn = (folder: string): string => `sqlite:${join(folder, 'ledger.db')}`;

export const accessBy = (requestId: string): Access => ({
  principal: 'key:1f0c9a3b7d4c',
  role: 'auditor',
  method: 'GET',
  route: '/agencies/:agencyId/balance',
  subject: { agencyId: 'a1' },
  status: 200,
  requestId,
});

/** Opens the ledger in a folder for writing. */
export function ledgerIn(folder: string, at = clock): Promise<OpenedLedger> {
  return openLedger({ url: urlIn(folder), simulation: false, openedAt: at.now(), clock: at });
}

/** Opens the ledger, sends lines, signs a checkpoint and closes. */
export async function recordIn(
  folder: string,
  lines: readonly object[],
): Promise<readonly string[]> {
  const opened = await ledgerIn(folder);
  try {
    const outcomes = await sendLines(opened, lines);
    for (const { outcome } of outcomes) if (outcome.damage !== undefined) throw outcome.damage;
    await opened.checkpoint();
    return outcomes.map(({ outcome }) => outcome.status);
  } finally {
    await opened.close();
  }
}

/** The answers about some agencies, with every text that needs a key. */
export async function explainedIn(folder: string): Promise<string> {
  const { reader, close } = await openReader(urlIn(folder), clock);
  try {
    const found: unknown[] = [];
    for (const agencyId of ['a3', 'a5']) {
      const read = readQuery({ query: 'explain', agencyId });
      if (read.problems !== undefined)
        throw new Error(read.problems.map(({ en }) => en).join('; '));
      found.push(await reader.answer(read.query));
    }
    return JSON.stringify(found);
  } finally {
    await close();
  }
}

/** Opens the files that the HTTP service keeps beside a ledger. */
export async function serviceIn(folder: string) {
  const file = AccessFile.open(join(folder, 'ledger.access.db'));
  try {
    const anchors = new Anchors(file);
    const path = join(folder, 'ledger.access.ndjson');
    const apiKeys = new ApiKeys(file);
    const webhooks = new Webhooks(file, { secrets: secretsInMemory() });
    const accessLog = await AccessLog.open({ path, anchors, clock });
    const close = async (): Promise<void> => {
      await accessLog.close();
      file.close();
    };
    return { anchors, accessLog, apiKeys, webhooks, close };
  } catch (error) {
    file.close();
    throw error;
  }
}
