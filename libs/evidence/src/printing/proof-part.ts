import { parseCheckpoint, parseNote, type Checkpoint } from '@penalty-ledger/merkle-log';
import type { LedgerZone } from '@penalty-ledger/ledger';
import { numberOf } from './glyphs.js';
import type { Sheet } from './sheet.js';
import { both, localTime } from './wording.js';
import type { PrintedStatement } from '../statement-printer.js';

/** The facts the ledger signed. */
export function checkpointOf({ checkpoint }: PrintedStatement): Checkpoint {
  return parseCheckpoint(parseNote(checkpoint).text);
}

/** The checkpoint that everything is proved against. */
export function printCheckpoint(sheet: Sheet, statement: PrintedStatement, zone: LedgerZone): void {
  const { origin, root, signedAt, size, streamHeads } = checkpointOf(statement);
  sheet.heading(both('检查点', 'Checkpoint'), 110);
  const entry = (zh: string, en: string, text: string): void => {
    sheet.paragraph([...both(zh, en), { text: ` ${text}` }], { gap: 1 });
  };
  entry('账本', 'ledger', statement.ledgerId);
  entry('签名者', 'signed by', origin);
  entry('签名时刻', 'signed at', localTime(signedAt, zone));
  entry('默克尔树叶数（事件数）', 'leaves of the Merkle tree, one an event', String(size));
  entry('树根 SHA-256', 'root, hexadecimal', root);
  entry('事件流数', 'streams', String(streamHeads.count));
  sheet.paragraph({ text: '原文 verbatim', tone: 'soft' }, { gap: 1 });
  sheet.paragraph(statement.checkpoint.trimEnd(), { size: 8, ground: 'ground', gap: 6 });
}

const steps: readonly (readonly [zh: string, en: string])[] = [
  [
    '本文件随证据包（ZIP）提供，只供阅读；证明在证据包内的事件与哈希之中。',
    'This document is in an evidence pack (a ZIP) and is for reading; ' +
      'what proves it are the events and hashes beside it.',
  ],
  [
    '向账本以外的渠道取得其验证公钥，运行：ledger verify PACK.zip --key KEY。' +
      '无需联网，也无需账本。',
    "Get the ledger's verifier key by another way than this pack and run: " +
      'ledger verify PACK.zip --key KEY. ' +
      'It needs neither a network nor the ledger.',
  ],
  [
    '或用浏览器打开从别处取得的 statement.html，选择证据包并粘贴公钥。',
    'Or open a copy of statement.html that came from elsewhere in a browser, ' +
      'choose the pack and paste the key.',
  ],
  [
    '若您保存有更早的检查点或回执，请一并提供：验证会证明本账本由其延续而来，未被改写。',
    'Give it the checkpoints and receipts you have kept, too: ' +
      'that shows that this ledger follows from them and was not rewritten.',
  ],
  [
    '验证成立即证明：签名的账本在该检查点前恰好记录了这些事件，上述积分由其得出；不证明所记录之事属实。',
    'What a pack that holds proves: that the ledger that signed has recorded these events ' +
      'and no others of the agency up to the checkpoint, ' +
      'and that these points follow from them; ' +
      'not that what was recorded is true.',
  ],
];

/** Instructions to verify the pack without trusting the party that handed it over. */
export function printHowToVerify(sheet: Sheet): void {
  sheet.heading(both('如何验证', 'How to verify'));
  for (const [at, [zh, en]] of steps.entries())
    sheet.paragraph([{ text: `${at + 1}. ` }, ...both(zh, en)], { gap: 3 });
}

/**
 * Lists the characters without a glyph, so that their substitutes are not mistaken for the text.
 */
export function printMissingGlyphs(sheet: Sheet, missing: readonly string[]): void {
  if (missing.length === 0) return;
  sheet.heading(both('无法排印的字符', 'Characters that could not be printed'));
  sheet.paragraph([
    ...both(
      '字体中没有下列字符，文中以其 Unicode 编码代替；原文见证据包内的数据。',
      'The font has none of these characters; in their place stands their Unicode number. ' +
        "The pack's data have the text itself.",
    ),
    { text: ` ${missing.map(numberOf).join(', ')}` },
  ]);
}
