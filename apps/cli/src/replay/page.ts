import type { Rebuild } from '@penalty-ledger/application/read-models';
import { table } from '../terminal/table.js';
import { count, figure } from '../terminal/words.js';
import { said } from '../terminal/language.js';

/** Both digests of each read model, and whether they are equal. */
export function replayPage({ events, live, rebuilt, equal, switched }: Rebuild): string[] {
  const columns = [
    { title: said('Read model', '读模型') },
    { title: said('In use', '使用中') },
    { title: said('Rebuilt', '重建') },
    { title: '' },
  ];
  const rows = Object.entries(live.each).map(([name, digest]) =>
    digestRow(name, digest, rebuilt.each[name] ?? ''),
  );
  const advice = switched
    ? said('The rebuilt read models are in use.', '重建的读模型已投入使用。')
    : said('Use the rebuilt ones with --switch.', '可用 --switch 启用重建的读模型。');
  return [
    ...table(columns, [...rows, digestRow('all', live.all, rebuilt.all)]),
    '',
    said(
      `${count(events, 'event')} folded again: ` +
        (equal ? 'the digests are equal.' : `THE DIGESTS DIFFER. ${advice}`),
      `${figure(events)} 个事件已重新计算：` + (equal ? '摘要一致。' : `摘要不一致。${advice}`),
    ),
    ...(equal && switched ? [advice] : []),
  ];
}

/** A row with half of each digest, which is enough to compare by eye; `--json` prints all of it. */
function digestRow(name: string, live: string, rebuilt: string): string[] {
  return [
    name,
    live.slice(0, 32),
    rebuilt.slice(0, 32),
    live === rebuilt ? said('equal', '一致') : said('DIFFERS', '不一致'),
  ];
}
