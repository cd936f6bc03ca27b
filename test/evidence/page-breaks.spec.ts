import { readFileSync } from 'node:fs';
import type { Instant } from '@penalty-ledger/ledger';
import { openFont } from '@penalty-ledger/evidence/printing';
import { printBlocks } from '../../libs/evidence/src/printing/block-printer.js';
import { Sheet } from '../../libs/evidence/src/printing/sheet.js';
import { plain, type Block } from '../../libs/evidence/src/content/blocks.js';
import { printedText } from '../support/printed-text.js';
import { statementFont } from '../support/statement-printer.js';

/** The first lines of every kind of block that follows a heading, named by a number. */
const followers: readonly ((name: string) => readonly Block[])[] = [
  (name) => [{ kind: 'line', text: plain(name) }],
  (name) => [{ kind: 'item', text: plain(name) }],
  (name) => [{ kind: 'quote', text: name }],
  (name) => [{ kind: 'verbatim', text: name }],
  (name) => [
    {
      kind: 'table',
      columns: [{ head: plain('head'), share: 1 }],
      rows: [[plain(`${name} ${'a cell of many lines '.repeat(30)}`)]],
    },
  ],
  (name) => [
    { kind: 'figures', figures: [{ title: plain(name), beside: plain('points'), below: [] }] },
  ],
];

test('given headings at every height of a page, then each has what follows it on its page', () => {
  const sheet = new Sheet(openFont(readFileSync(statementFont)), {
    title: 'headings',
    subject: 'headings',
    producer: 'test',
    createdAt: '2026-01-01T00:00:00.000Z' as Instant,
  });
  const count = 240;
  for (let number = 0; number < count; number += 1) {
    const lines = Array.from({ length: (number * 7) % 11 }, (): Block => {
      return { kind: 'line', text: plain('text') };
    });
    const follower = followers[number % followers.length]?.(`follows-${String(number)}.`) ?? [];
    const heading: Block = { kind: 'heading', text: plain(`heading-${String(number)}.`) };
    printBlocks(sheet, [...lines, heading, ...follower]);
  }
  const { pdf, pages } = sheet.finish({ foot: () => ({ left: '', right: '' }) });
  const texts = printedText(pdf).pages.map((page) => page.join(''));
  expect(pages).toBeGreaterThan(20);
  const parted = Array.from({ length: count }, (_, number) => number).filter((number) => {
    const page = texts.find((text) => text.includes(`heading-${String(number)}.`));
    return page?.includes(`follows-${String(number)}.`) !== true;
  });
  expect(parted).toEqual([]);
});
