import { openReader, type WaitingErasure } from '@penalty-ledger/application';
import { erasure } from '@penalty-ledger/ledger';
import { said, saidIn } from '../terminal/language.js';
import { printMarked } from '../terminal/simulation-mark.js';

/** Prints the erasures that were refused and not made since: those that are due come first. */
export async function printDue(url: string, json: boolean): Promise<void> {
  const opened = await openReader(url);
  try {
    const { reader } = opened;
    const waiting = await reader.waitingErasures();
    await printMarked(reader.settings, json, { erasures: waiting }, () => pageOf(waiting));
  } finally {
    await opened.close();
  }
}

function pageOf(waiting: readonly WaitingErasure[]): string[] {
  const due = waiting.filter((each) => each.due);
  const held = waiting.filter((each) => !each.due);
  if (waiting.length === 0)
    return [
      said('no erasure is waiting: none was refused', '没有待办的删除请求：未曾拒绝任何请求'),
    ];
  return [
    due.length === 0
      ? said('nothing is due', '没有到期可删除的主体')
      : said('due: erase these now', '已到期，请删除：'),
    ...due.map((each) => `  ${askedText(each)}`),
    ...(held.length === 0 ? [] : [said('still held:', '仍须保留：')]),
    ...held.flatMap((each) => [
      `  ${askedText(each)}`,
      ...each.holds.map((hold) => `    ${saidIn(erasure.holdInBoth(hold))}`),
    ]),
  ];
}

function askedText({ subject, requestId, by, askedAt }: WaitingErasure): string {
  const request = requestId === null ? '' : ` (${requestId})`;
  return said(
    `${subject}, asked for at ${askedAt} by ${by}${request}`,
    `${subject}，${by} 于 ${askedAt} 请求${request}`,
  );
}
