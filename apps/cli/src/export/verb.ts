import type { Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';
import type { EventDamage } from '@penalty-ledger/event-store';
import { damageHint, exitCodes } from '../terminal/exit-codes.js';
import { isReaderGone, note, noteHint, print } from '../terminal/io.js';
import { said, saidIn } from '../terminal/language.js';

export function addTo(program: Command): void {
  addVerb(program, 'export', {
    summary: said(
      'print every event as stored, one a line, in order',
      '按顺序打印存储的全部事件，每行一个',
    ),
    details: said(
      'Prints the stored bytes (canonical JSON) and checks them against their hashes: the same ' +
        'ledger gives the same bytes. Names and free text stay sealed; keys are not exported. ' +
        'The first line says how the ledger was opened, and whether it is a simulation. ' +
        'Damaged events are left out and named on standard error, and the exit code is 3.',
      '打印存储的字节（规范 JSON），并与其哈希核对：同一账本得出相同的字节。' +
        '名称和文字保持封存；密钥不会导出。第一行说明账本如何开立，以及是否为模拟账本。' +
        '损坏的事件会略去并在标准错误中指出，退出码为 3。',
    ),
    examples: [
      ['export | head -1', '{"actor":"simulation","causation":{"command":"OpenLedger",…'],
      'export > events.ndjson',
    ],
  })
    .addOption(storeOption())
    .action(async ({ store: url }: { readonly store: string }) => {
      const { withLedgerFile } = await import('../ledger/ledger-file.js');
      const { noteAct } = await import('../ledger/noted-act.js');
      const { damageText } = await import('@penalty-ledger/event-store');
      const { keptHeads } = await import('../ledger/kept-heads.js');
      await withLedgerFile(url, 'read', async ({ store, location }) => {
        noteAct(url, 'export');
        const refuse = (text: string): void => {
          process.exitCode = exitCodes.store;
          note(said(`not exported: ${text}`, `未导出：${text}`));
        };
        const damaged = new Set<string>();
        const onDamage = (damage: EventDamage): void => {
          if (damage.stream !== undefined) damaged.add(damage.stream);
          refuse(saidIn(damageText(damage)));
        };
        const ends = new Map<string, number>();
        // Read before the events: what is recorded meanwhile is in them.
        const kept = keptHeads(location.log);
        for await (const batch of store.readAll({ onDamage })) {
          if (isReaderGone()) return;
          for (const { stream, revision } of batch) ends.set(stream, revision);
          await print(batch.map(({ body }) => `${body}\n`).join(''));
        }
        // The last events of a stream that are gone show only by the log that remembers them.
        for (const { stream, revision, leafHash } of kept) {
          const end = ends.get(stream) ?? -1;
          if (end >= revision || damaged.has(stream)) continue;
          refuse(
            said(
              `missing: revisions ${end + 1} to ${revision} of stream ${stream}; ` +
                `the leaf hash of revision ${revision} is ${leafHash}`,
              `缺失：事件流 ${stream} 的流内序号 ${end + 1} 至 ${revision}；` +
                `流内序号 ${revision} 的叶哈希为 ${leafHash}`,
            ),
          );
        }
        if (process.exitCode === exitCodes.store) noteHint(saidIn(damageHint));
      });
    });
}
