import { Type } from '@sinclair/typebox';
import { csvPage } from './csv-page.js';

const entry = Type.Object({
  id: Type.String(),
  due: Type.Union([Type.Object({ at: Type.String(), late: Type.Boolean() }), Type.Null()]),
  codes: Type.Array(Type.String()),
  parts: Type.Array(Type.Object({ n: Type.Integer() })),
  more: Type.Optional(Type.Integer()),
});

const real = { simulation: false };

it('has a column for each member of the schema, whatever the items have', () => {
  const items = [
    { id: '=1+1', due: { at: '2019-04-01T10:00:00.000+08:00', late: true }, codes: ['a', 'b'] },
    { id: 'x,"y', due: null, codes: [], parts: [{ n: 1 }], more: 7 },
  ];
  expect(csvPage(entry, items, real)).toBe(
    '\ufeffid,due.at,due.late,codes,parts,more\n' +
      "'=1+1,2019-04-01T10:00:00.000+08:00,true,a b,,\n" +
      '"x,""y",,,,"[{""n"":1}]",7\n',
  );
});

it('tells a text from the reason why it is not shown', () => {
  const withheld = Type.Object({ withheld: Type.String() });
  const texts = Type.Object({ name: Type.Union([Type.String(), withheld, Type.Null()]) });
  const items = [{ name: 'sealed' }, { name: { withheld: 'sealed' } }, { name: null }];
  expect(csvPage(texts, items, real)).toBe('\ufeffname,name.withheld\nsealed,\n,sealed\n,\n');
});

it('has its header without items too', () => {
  expect(csvPage(entry, [], real)).toBe('\ufeffid,due.at,due.late,codes,parts,more\n');
});

it('says in its header and in each row that it is of a simulation', () => {
  const items = ['a', 'b'].map((id) => ({ id, due: null, codes: [], parts: [] }));
  const lines = csvPage(entry, items, { simulation: true }).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  const [header, ...rows] = lines;
  expect(header).toMatch(/,more,simulation$/);
  expect(rows.filter((row) => !row.endsWith(',true'))).toEqual([]);
});
