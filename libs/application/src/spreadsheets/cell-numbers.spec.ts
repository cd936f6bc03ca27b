import fc from 'fast-check';
import { countIn, fenIn, salesIn, type MoneyUnit } from './cell-numbers.js';

const wide = (text: string): string =>
  text.replaceAll(/[!-~]/g, (each) => String.fromCharCode(each.charCodeAt(0) + 0xfee0));

describe('a count', () => {
  it.each([
    ['1200', 1200],
    ['1,200', 1200],
    ['1，200', 1200],
    ['１２００', 1200],
    ['1,234,567', 1_234_567],
    ['1200.00', 1200],
    ['1.2万', 12_000],
    ['3 万', 30_000],
    ['1.2亿', 120_000_000],
    ['0', 0],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('is read from %s', (text, value) => {
    expect(countIn(text)).toEqual({ value });
  });

  it.each([
    ['-1', /^"-1" is not a non-negative integer; write 1200, 1,200, 1.2万/],
    ['12.5', /not a non-negative integer/],
    ['1.23456万', /not a non-negative integer/],
    ['12,00', /not a non-negative integer/],
    ['1,2000', /not a non-negative integer/],
    ['1.2E+3', /not a non-negative integer/],
    ['9007199254740993', /not a non-negative integer/],
    ['85%', /is a percentage/],
    ['８５％', /is a percentage/],
    ['¥5', /is an amount of money/],
    ['5分', /is an amount of money/],
    ['2026-03-05 00:00:00', /not a non-negative integer/],
  ])('is refused from %s', (text, problem) => {
    expect(countIn(text).problem?.en).toMatch(problem);
  });
});

describe('an amount of money', () => {
  it.each<[string, MoneyUnit | undefined, number]>([
    ['120000', 'fen', 120_000],
    ['120,000', 'fen', 120_000],
    ['1,200.00', 'yuan', 120_000],
    ['1200', 'yuan', 120_000],
    ['1.2', 'ten thousand yuan', 1_200_000],
    ['1.2万', 'yuan', 1_200_000],
    ...([undefined, 'fen', 'yuan', 'ten thousand yuan'] as const).flatMap(
      (unit): [string, MoneyUnit | undefined, number][] => [
        ['¥1,200.00', unit, 120_000],
        ['￥１，２００．００', unit, 120_000],
        ['1200元', unit, 120_000],
        ['1.2万元', unit, 1_200_000],
        ['120000分', unit, 120_000],
      ],
    ),
  ])('is read from %s in a column of %s', (text, unit, value) => {
    expect(fenIn(text, unit)).toEqual({ value });
  });

  it.each<[string, MoneyUnit | undefined, RegExp]>([
    ['1200', undefined, /may mean fen or yuan; write .*or give the unit in the header/],
    ['1200.00', 'fen', /may mean fen or yuan/],
    ['1.2万', 'fen', /may mean fen or yuan/],
    ['1.2万分', 'yuan', /may mean fen or yuan/],
    ['1.234', 'yuan', /not an integer number of fen/],
    ['5%', 'yuan', /is a percentage/],
    ['-5', 'fen', /is not an amount/],
    ['$5', 'yuan', /is not an amount/],
    ['¥5分', 'yuan', /is not an amount/],
  ])('is refused from %s in a column of %s', (text, unit, problem) => {
    expect(fenIn(text, unit).problem?.en).toMatch(problem);
  });

  it('is the same in every way of writing it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000_000 }), (fen) => {
        const yuan = (fen / 100).toFixed(2);
        const grouped = (fen / 100).toLocaleString('en', { minimumFractionDigits: 2 });
        for (const text of [yuan, grouped, `¥${grouped}`, `${yuan}元`, `${String(fen)}分`])
          for (const each of [text, wide(text)])
            expect(fenIn(each, 'yuan')).toEqual({ value: fen });
      }),
    );
  });
});

describe('sales', () => {
  const both = [
    { vertical: '美妆', amountFen: 1_200_000 },
    { vertical: '食品', amountFen: 5000 },
  ];
  it.each([
    '美妆=1200000;食品=5000',
    '美妆=1200000；食品=5000',
    '美妆＝1200000；食品＝5000',
    '美妆=1200000,食品=5000',
    '美妆=1,200,000，食品=5,000',
    '美妆=1200000、食品=5000',
    '美妆=1200000 食品=5000',
    '美妆 = 1200000 食品 = 5000',
    '美妆=1200000|食品=5000',
    '美妆=1200000\n食品=5000',
    '美妆：12000元，食品：50元',
    '美妆=１２０００００；食品=５０００',
    '美妆=¥12,000.00,食品=¥50',
  ])('of two verticals are read from %j', (text) => {
    expect(salesIn(text, 'fen')).toEqual({ value: both });
  });

  it.each([
    '=5',
    '美妆',
    '美妆=',
    '美妆=5;',
    '食品、美妆=5',
    '美妆=5=6',
    '美妆=1200,300家电=5',
    '美妆=12.50',
    '美妆=5;食\u200b品=5',
    '美妆=1,2',
  ])('are refused from %j', (text) => {
    expect(salesIn(text, 'fen').problem?.en).toMatch(/write|remove/);
  });

  it.each([undefined, 'fen', 'yuan', 'ten thousand yuan'] as const)(
    'are refused with an example that is right in a column of %s',
    (unit) => {
      const [, example = ''] = /write (.*)$/.exec(salesIn('x', unit).problem?.en ?? '') ?? [];
      expect(salesIn(example, unit)).toEqual({
        value: [
          { vertical: '美妆', amountFen: unit === 'ten thousand yuan' ? 1_200_000 : 120_000 },
          { vertical: '食品', amountFen: 5000 },
        ],
      });
    },
  );

  it('are never read as one vertical that holds another amount', () => {
    const name = fc.constantFrom('美妆', '食品', 'a=b', '3C数码', 'Home & Living');
    const separator = fc.constantFrom(';', '；', ',', '，', '、', '|', ' ', '\n', '; ');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.nat()), { minLength: 1, maxLength: 4 }),
        separator,
        (sales, between) => {
          const text = sales.map(([each, fen]) => `${each}=${String(fen)}`).join(between);
          const reading = salesIn(text, 'fen');
          if (reading.problem === undefined)
            expect(reading.value).toEqual(
              sales.map(([vertical, amountFen]) => ({ vertical, amountFen })),
            );
          else expect(between).toMatch(/[, ，]/);
        },
      ),
    );
  });
});
