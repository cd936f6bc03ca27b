import { h } from './elements.js';

const colours = {
  ink: 'var(--ink)',
  soft: 'var(--soft)',
  line: 'var(--line)',
  points: 'var(--points)',
  then: 'var(--then)',
  good: 'var(--good)',
};

const tracedOf = (places) =>
  places.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`).join('');

/** By kind: the element that a shape of the drawing becomes. */
const shapes = {
  path: ({ places, tone, width, dash }) =>
    h('path', {
      d: tracedOf(places),
      fill: 'none',
      stroke: colours[tone],
      'stroke-width': width,
      'stroke-dasharray': dash === 0 ? 'none' : dash,
    }),
  area: ({ places, tone }) => h('path', { d: `${tracedOf(places)}Z`, fill: colours[tone] }),
  dot: ({ place: [cx, cy], size, tone }) =>
    h('circle', { cx, cy, r: size / 2, fill: colours[tone] }),
  label: ({ place: [x, y], text, tone, align }) =>
    h(
      'text',
      { x, y: y + 7, fill: colours[tone], 'text-anchor': align === 'right' ? 'end' : 'start' },
      text,
    ),
};

export const svgOf = ({ width, height, title, shapes: drawn }) =>
  h(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title },
    drawn.map((shape) => shapes[shape.kind](shape)),
  );
