import { statementContent } from '../../src/content/statement-content.ts';
import { svgOf } from './drawing.js';
import { fill, h, p } from './elements.js';
import { dayIn, instantIn, startOfYear } from './instants.js';

const hues = { points: 'points', soft: 'soft', good: 'holds', then: 'then' };

const spans = (line) =>
  line.map(({ text, tone, heavy }) => {
    const inner = heavy ? h('strong', {}, text) : text;
    return hues[tone] === undefined ? inner : h('span', { class: hues[tone] }, inner);
  });

/** Returns a figure: a balance in large, with what it is compared with. */
const figure = ({ title, points, beside, below }) =>
  h(
    'div',
    { class: 'figure' },
    p(spans(title)),
    points !== undefined && [h('strong', {}, points), ' '],
    spans(beside),
    below.map((line) => p(spans(line))),
  );

const cell = (name, { align }, line) =>
  h(name, align === 'right' ? { class: 'number' } : {}, spans(line));

const table = ({ columns, rows }) =>
  h(
    'div',
    { class: 'wide' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((column) => cell('th', column, column.head)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.map((line, at) => cell('td', columns[at], line)),
          ),
        ),
      ),
    ),
  );

/** By kind: the element that a block of the content becomes. */
const elements = {
  title: ({ text }) => h('h1', {}, spans(text)),
  heading: ({ text }) => h('h2', {}, spans(text)),
  item: ({ text }) => h('h3', {}, spans(text)),
  line: ({ text }) => p(spans(text)),
  quote: ({ text }) => h('p', { class: 'text' }, text),
  verbatim: ({ text }) => h('pre', {}, text),
  table,
  figures: ({ figures }) => h('div', { class: 'figures' }, figures.map(figure)),
  drawing: ({ drawing }) => h('div', { class: 'wide' }, svgOf(drawing)),
};

/** Puts an item and the blocks that belong to it into one element, so that they stay together. */
const grouped = (blocks) => {
  const groups = [];
  for (const block of blocks) {
    const element = elements[block.kind](block);
    if (block.kind === 'item') groups.push({ item: [element] });
    else if (block.isPart && groups.at(-1)?.item !== undefined) groups.at(-1).item.push(element);
    else groups.push({ element });
  }
  return groups.map(({ element, item }) => element ?? h('div', { class: 'item' }, item));
};

/**
 * Draws the statement in an element. It is a table with a head, because a browser prints the head
 * of a table again on every page.
 */
export const draw = (root, data) => {
  const { zone } = data.computation;
  const { blocks, leftOut, simulation } = statementContent(data, {
    instant: instantIn(zone),
    day: dayIn(zone),
    startOfYear: (year) => startOfYear(year, zone),
  });
  const bands = [
    simulation !== undefined && h('p', { class: 'simulation' }, simulation),
    leftOut !== undefined && h('p', { class: 'left-out' }, spans(leftOut)),
  ];
  fill(root, [
    h(
      'table',
      { class: 'sheet' },
      h('thead', {}, h('tr', {}, h('td', {}, bands))),
      h('tbody', {}, h('tr', {}, h('td', {}, grouped(blocks)))),
    ),
  ]);
};
