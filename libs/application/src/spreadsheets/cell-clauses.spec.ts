import { aliMcn20180703, aliMcn20190307 } from '@penalty-ledger/ledger';
import { ClauseNames } from './cell-clauses.js';

const shipped = [aliMcn20180703, aliMcn20190307].flatMap(({ clauses }) => clauses);
const names = new ClauseNames(shipped);

it('takes the id, the title and the text of a clause in both languages', () => {
  for (const { id, title, text } of shipped)
    for (const name of [id, title.en, title.zh, text.en, text.zh, `${text.zh.slice(0, -1)} `])
      expect(names.read(name)).toEqual({ value: id });
  expect(names.read('运营 指标不符')).toEqual({ value: 'operating-metric-missed' });
});

it('names the clauses that share a title, and leaves any other text to the ledger', () => {
  const [one, other] = [
    { ...shipped[0]!, id: 'one' },
    { ...shipped[0]!, id: 'other' },
  ];
  const read = new ClauseNames([one, other]).read('运营指标不符');
  expect(read.problem?.zh).toBe('"运营指标不符" 可能是条款 "one" 或 "other"；请填写其编号');
  expect(names.read('no-such-clause')).toEqual({ value: 'no-such-clause' });
  expect(names.read('a\u0007b').problem).toBeDefined();
});
