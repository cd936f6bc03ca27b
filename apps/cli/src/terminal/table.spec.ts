import { cut } from './table.js';

it('cuts a line to the terminal, where a Chinese character takes two columns', () => {
  expect(cut('mcn-007  杭州鹿汐', { isTTY: true, columns: 13 })).toBe('mcn-007  杭…');
  expect(cut('mcn-007  杭州鹿汐', { isTTY: true, columns: 17 })).toBe('mcn-007  杭州鹿汐');
});

it('leaves a line whole in a pipe', () => {
  expect(cut('mcn-007  杭州鹿汐', {})).toBe('mcn-007  杭州鹿汐');
});
