import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { CheckNotes, type NotedCheck } from '@penalty-ledger/application/check-notes';
import { systemClock } from '@penalty-ledger/application/clock';
import { locationOf } from '@penalty-ledger/application/store-url';
import { note } from '../terminal/io.js';
import { messageOf } from '../terminal/reason.js';
import { said } from '../terminal/language.js';

/**
 * Runs a check of a ledger and leaves its result for the metrics of the ledger's service, if it has
 * one. The check counts also when its result cannot be left there.
 *
 * @param resultOf the part of the result that is left
 */
export async function withCheckNote<Checked>(
  url: string,
  kind: NotedCheck,
  check: () => Promise<Checked>,
  resultOf: (checked: Checked) => { readonly holds: boolean; readonly events: number },
): Promise<Checked> {
  const startedAt = performance.now();
  const checked = await check();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { access: path } = locationOf(url);
  if (!existsSync(path)) return checked;
  try {
    const access = AccessFile.open(path);
    try {
      new CheckNotes(access).put(kind, { at: systemClock.now(), ...resultOf(checked), seconds });
    } finally {
      access.close();
    }
  } catch (error) {
    note(
      said(
        `the service's metrics do not show this result: ${messageOf(error)}`,
        `服务的指标不显示此结果：${messageOf(error)}`,
      ),
    );
  }
  return checked;
}
